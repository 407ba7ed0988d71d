import { createInertiaApp } from '@inertiajs/vue3'
import '../../shared/style.css'
import Layout from './Layout.vue'

createInertiaApp({ layout: () => Layout, serverHead: true })
