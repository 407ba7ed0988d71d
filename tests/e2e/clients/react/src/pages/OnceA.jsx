import { reloadOnly } from '../../../shared/actions'

export default function OnceA({ plans, short, visit }) {
  return (
    <>
      <h1>Once, page A</h1>
      <output id="plans">{plans}</output>
      <output id="short">{short}</output>
      <output id="visit">{visit}</output>
      <button id="again" onClick={() => reloadOnly('plans')}>reload plans</button>
    </>
  )
}
