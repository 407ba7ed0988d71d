import { InfiniteScroll } from '@inertiajs/react'

export default function Cursors({ rows }) {
  return (
    <>
      <h1>Infinite scroll with cursors</h1>
      <InfiniteScroll data="rows">
        {rows.data.map((row) => <div key={row.id} className="row">{row.text}</div>)}
      </InfiniteScroll>
    </>
  )
}
