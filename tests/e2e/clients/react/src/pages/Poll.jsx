import { usePoll } from '@inertiajs/react'

export default function Poll({ ticks }) {
  usePoll(250, { only: ['ticks'] })
  return <><h1>Polling</h1><output id="ticks">{ticks}</output></>
}
