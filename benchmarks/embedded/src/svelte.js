import { createInertiaApp } from "@inertiajs/svelte"
import { render as renderComponent } from "svelte/server"
import Members from "./Members.svelte"

export const render = (page) =>
  createInertiaApp({ page, resolve: () => ({ default: Members }), setup: ({ App, props }) => renderComponent(App, { props }) })
