import { createInertiaApp } from "@inertiajs/react"
import { renderToString } from "react-dom/server"

function Row({ row }) {
  return (
    <tr>
      <td>{row.id}</td>
      <td><a href={`/members/${row.id}`}>{row.name}</a></td>
      <td>{row.email}</td>
      <td>{row.active ? <strong>active</strong> : <em>away</em>}</td>
    </tr>
  )
}

function Members({ title, rows }) {
  return (
    <main>
      <h1>{title}</h1>
      <table><tbody>{rows.map((row) => <Row key={row.id} row={row} />)}</tbody></table>
    </main>
  )
}

export const render = (page) =>
  createInertiaApp({ page, render: renderToString, resolve: () => Members, setup: ({ App, props }) => <App {...props} /> })
