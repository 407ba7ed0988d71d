import { createInertiaApp } from "@inertiajs/vue3"
import { createSSRApp, h } from "vue"
import { renderToString } from "@vue/server-renderer"
import Members from "./Members.vue"

export const render = (page) =>
  createInertiaApp({
    page,
    render: renderToString,
    resolve: () => Members,
    setup: ({ App, props, plugin }) => createSSRApp({ render: () => h(App, props) }).use(plugin),
  })
