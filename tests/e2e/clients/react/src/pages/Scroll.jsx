import { InfiniteScroll } from '@inertiajs/react'
import { filterRows } from '../../../shared/actions'

export default function Scroll({ rows }) {
  return (
    <>
      <h1>Infinite scroll</h1>
      <p><button id="filter" onClick={() => filterRows('even')}>even rows</button></p>
      <InfiniteScroll data="rows">
        {rows.data.map((row) => <div key={row.id} className="row">{row.text}</div>)}
      </InfiniteScroll>
    </>
  )
}
