import { InfiniteScroll } from '@inertiajs/react'

export default function TwoScrolls({ left, right }) {
  return (
    <>
      <h1>Two infinite scrolls</h1>
      <div className="columns">
        {Object.entries({ left, right }).map(([name, rows]) => (
          <div key={name} id={name} className="column">
            <InfiniteScroll data={name}>
              {rows.data.map((row) => <div key={row.id} className="row">{row.text}</div>)}
            </InfiniteScroll>
          </div>
        ))}
      </div>
    </>
  )
}
