import { Deferred as Later } from '@inertiajs/react'
import { retry } from '../../../shared/actions'

export default function Deferred({ slow, left, right, shaky }) {
  return (
    <>
      <h1>Deferred props</h1>
      <Later data="slow" fallback={<p id="slow-wait">…</p>}><p id="slow">{slow}</p></Later>
      <Later data={['left', 'right']} fallback={<p id="pair-wait">…</p>}><p id="pair">{left} {right}</p></Later>
      <Later data="shaky" fallback={<p id="shaky-wait">…</p>} rescue={<button id="retry" onClick={() => retry('shaky')}>Try again</button>}>
        <p id="shaky">{shaky}</p>
      </Later>
    </>
  )
}
