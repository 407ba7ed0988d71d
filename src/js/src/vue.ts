/**
 * @inertiajs/vue3 with the types of the app's pages. At run time, everything is Inertia's own.
 *
 * The other exports of @inertiajs/vue3 are exported unchanged, `createForm` and `useForm` among them.
 */
import * as inertia from "@inertiajs/vue3"

import type { FormTarget, LinkTarget, PageOf, TypedRouter } from "./client.ts"
import { csrfField, oldInput, type CsrfField, type OldInput } from "./forms.ts"
import type { DeferredPath, PageName } from "./types.ts"

export * from "@inertiajs/vue3"

type Data<Name extends PageName> = DeferredPath<Name> | DeferredPath<Name>[]
type AnyComponent = abstract new (...args: never) => { $props: object }

/** The component with other types of some props. */
type WithProps<Component extends AnyComponent, Props> = new () => Omit<InstanceType<Component>, "$props"> & {
  $props: Omit<InstanceType<Component>["$props"], Extract<keyof Props, "data">> & Props
}

/** The current page: `usePage<'Users/Show'>().props` has the props of this page, and any other is an error. */
export const usePage = inertia.usePage as <Name extends PageName = PageName>() => PageOf<
  ReturnType<typeof inertia.usePage>,
  Name
>

/** `data` names props that may be missing, of any page. `createDeferred` is for those of one page. */
export const Deferred = inertia.Deferred as unknown as WithProps<typeof inertia.Deferred, { data: Data<PageName> }>

/** `Deferred` for one page: `const Deferred = createDeferred<'Users/Show'>()`. */
export function createDeferred<Name extends PageName>(): WithProps<typeof inertia.Deferred, { data: Data<Name> }> {
  return inertia.Deferred as never
}

/** `data` names props that may be missing, of any page. */
export const WhenVisible = inertia.WhenVisible as unknown as WithProps<
  typeof inertia.WhenVisible,
  { data?: Data<PageName> }
>

/** A link to a URL, or to a route object, which also sets the method and the component. */
export const Link = inertia.Link as unknown as WithProps<typeof inertia.Link, LinkTarget>

/** `createForm<Inputs['users.create']>()` has the errors and fields of one route. */
export const Form = inertia.Form as unknown as WithProps<typeof inertia.Form, FormTarget>

/** Inertia's router. `router.reload<'Users/Show'>({ only: ['posts'] })` names props of the page. */
export const router: TypedRouter<typeof inertia.router> = inertia.router

/**
 * The hidden field with the CSRF token, for a form that the browser submits, on a page with `hydrate=False`:
 * `<input v-bind="field">` with `const field = useCsrfField()`.
 */
export function useCsrfField(): CsrfField {
  return csrfField(inertia.usePage().props)
}

/** The visitor's input in the rejected form: `const old = useOldInput()`, `<input name="email" :value="old('email')">`. */
export function useOldInput(): OldInput {
  return oldInput(inertia.usePage().props)
}
