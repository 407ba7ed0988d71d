// Written by `litestar assets types` from the app's routes. Your changes will be lost.
import { route } from 'litestar-vite/route'

/** 'guestbook.destroy' */
export const guestbookDestroy = route('/guestbook/{entry_id:int}', 'delete')
/** 'guestbook.index' */
export const guestbookIndex = route('/guestbook', 'get', 'Guestbook/Index')
/** 'guestbook.store' */
export const guestbookStore = route('/guestbook', 'post')
/** 'home' */
export const home = route('/', 'get', 'Home')
