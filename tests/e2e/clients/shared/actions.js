// The buttons' actions, shared by all clients: they use the same router.
import { router } from '@inertiajs/core'

/** Signal to the tests that the client has taken over the document. */
export function markReady() {
  document.documentElement.dataset.ready = 'true'
}

export const reloadOnly = (...only) => router.reload({ only })
export const reloadExcept = (...except) => router.reload({ except })
export const reloadAll = () => router.reload()
export const retry = (prop) => router.reload({ only: [prop] })

const MERGED = ['items', 'log', 'tree', 'total']
export const loadMore = (page) => router.reload({ data: { page }, only: MERGED })
export const startAfresh = () => router.reload({ data: { page: 1 }, only: MERGED, reset: MERGED })

/** Filter the rows, and start the scroll prop from the first page. */
export const filterRows = (word) => router.reload({ data: { word, page: 1 }, only: ['rows'], reset: ['rows'] })

export const like = (url) =>
  router.optimistic((props) => ({ likes: props.likes + 1 })).post(url, {}, { preserveScroll: true })

export const logOut = () => router.post('/logout')
