import { createInertiaApp, Link, router, usePage } from "@inertiajs/vue3"
import { createApp, h } from "vue"

import { NAMES, start, text } from "./start.js"

start(router)

const Board = {
  setup() {
    const page = usePage()
    return () =>
      h("main", [
        ...NAMES.map((name) => h("p", { id: name }, text(page.props[name]))),
        ...["/", "/plain", "/room/1"].map((href) => h(Link, { href }, () => href)),
      ])
  },
}

createInertiaApp({
  resolve: () => Board,
  setup: ({ el, App, props, plugin }) => createApp({ render: () => h(App, props) }).use(plugin).mount(el),
})
