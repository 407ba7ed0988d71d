import { createInertiaApp, router } from '@inertiajs/svelte'
import { live } from 'litestar-vite/live'
import type { Auth } from './generated/pages.gen'
import AppLayout from './layouts/AppLayout.svelte'
import GuestLayout from './layouts/GuestLayout.svelte'
import RootLayout from './layouts/RootLayout.svelte'
import SettingsLayout from './layouts/SettingsLayout.svelte'
import { showFlash } from './lib/toasts'
import './styles/app.css'

/** The layouts of a page, the outermost first. They stay mounted from page to page. */
function layoutsOf(page: string, user: Auth['user']) {
  if (page === 'Terms') return []
  if (page === 'Welcome' || page.startsWith('Errors/')) return [RootLayout]
  // Visitors get no sidebar, since its pages need a user.
  if (page.startsWith('Auth/') || user === null) return [RootLayout, GuestLayout]
  if (page.startsWith('Settings/')) return [RootLayout, AppLayout, SettingsLayout]
  return [RootLayout, AppLayout]
}

// Once per message, including the first page, but not after going back in the history.
if (typeof document !== 'undefined') router.on('flash', (event) => showFlash(event.detail.flash))

// Live props follow the changes that the server publishes.
live(router)

// The entry for both the browser and the server. @inertiajs/vite transforms this call and finds the pages in ./pages.
createInertiaApp({
  layout: (page, { props }) => layoutsOf(page, (props.auth as Auth | undefined)?.user ?? null),
  progress: { color: 'var(--color-accent)', delay: 250 },
})
