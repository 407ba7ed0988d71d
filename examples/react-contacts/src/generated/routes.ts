// Written by `litestar assets types` from the app's routes. Your changes will be lost.
import { query, route } from 'litestar-vite/route'

/** 'contacts.create' */
export const contactsCreate = route('/contacts', 'post')
/** 'contacts.destroy' */
export const contactsDestroy = route('/contacts/{contact_id:int}', 'delete')
/** 'contacts.edit' */
export const contactsEdit = route('/contacts/{contact_id:int}/edit', 'get', 'Contacts/Edit')
/** 'contacts.index' */
export const contactsIndex = route('/contacts', 'get', 'Contacts/Index', query<{
  page?: number
  q?: string
  sort?: string
  status?: string
}>())
/** 'contacts.new' */
export const contactsNew = route('/contacts/new', 'get', 'Contacts/Create', query<{
  organisation?: number | null
}>())
/** 'contacts.show' */
export const contactsShow = route('/contacts/{contact_id:int}', 'get', 'Contacts/Show')
/** 'contacts.update' */
export const contactsUpdate = route('/contacts/{contact_id:int}', 'put')
/** 'feedback.page' */
export const feedbackPage = route('/help', 'get', 'Help')
/** 'feedback.send' */
export const feedbackSend = route('/help', 'post')
/** 'organisations.index' */
export const organisationsIndex = route('/organisations', 'get', 'Organisations/Index')
/** 'organisations.show' */
export const organisationsShow = route('/organisations/{organisation_id:int}', 'get', 'Organisations/Show')
