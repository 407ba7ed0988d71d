import { createInertiaApp, router } from "@inertiajs/svelte"
import { mount } from "svelte"

import Board from "./Board.svelte"
import { start } from "./start.js"

start(router)

createInertiaApp({ resolve: () => ({ default: Board }), setup: ({ el, App, props }) => mount(App, { target: el, props }) })
