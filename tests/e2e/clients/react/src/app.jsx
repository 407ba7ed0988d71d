import { createInertiaApp } from '@inertiajs/react'
import '../../shared/style.css'
import { Layout } from './Layout'

createInertiaApp({ layout: () => Layout, serverHead: true })
