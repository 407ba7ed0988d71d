import { createInertiaApp, Link, router, usePage } from "@inertiajs/react"
import { createElement as h } from "react"
import { createRoot } from "react-dom/client"

import { NAMES, start, text } from "./start.js"

start(router)

function Board() {
  const { props } = usePage()
  return h(
    "main",
    null,
    NAMES.map((name) => h("p", { key: name, id: name }, text(props[name]))),
    ["/", "/plain", "/room/1"].map((href) => h(Link, { key: href, href }, href)),
  )
}

createInertiaApp({ resolve: () => Board, setup: ({ el, App, props }) => createRoot(el).render(h(App, props)) })
