import { createInertiaApp } from '@inertiajs/react'
import './app.css'

createInertiaApp({})
