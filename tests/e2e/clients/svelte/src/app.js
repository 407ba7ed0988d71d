import { createInertiaApp } from '@inertiajs/svelte'
import '../../shared/style.css'
import Layout from './Layout.svelte'

createInertiaApp({ layout: () => Layout, serverHead: true })
