// Written by `litestar assets types` from the app's named routes. Your changes will be lost.
import { query, route } from 'litestar-vite/route'

export const contactsCreate = route('/contacts', 'post')
export const contactsIndex = route('/contacts', 'get', 'Contacts/Index', query<{ q?: string; page?: number }>())
export const contactsDestroy = route('/contacts/{contact_id:int}', 'delete')
export const contactsShow = route('/contacts/{contact_id:int}', 'get', 'Contacts/Show')
