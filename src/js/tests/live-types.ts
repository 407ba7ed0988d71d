// Checked by `npm run typecheck`: every router is accepted.
import { router as svelteRouter } from "@inertiajs/svelte"
import { router as vueRouter } from "@inertiajs/vue3"

import { live } from "../src/live.ts"
import { router } from "../src/react.ts"

export const stops = [live(router), live(vueRouter), live(svelteRouter)]
