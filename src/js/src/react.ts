/**
 * @inertiajs/react with the types of the app's pages. At run time, everything is Inertia's own.
 *
 * The other exports of @inertiajs/react are exported unchanged.
 */
import * as inertia from "@inertiajs/react"
import type { ComponentProps, ReactElement, ReactNode } from "react"

import type { FormTarget, LinkTarget, PageOf, TypedRouter } from "./client.ts"
import { csrfField, oldInput, type CsrfField, type OldInput } from "./forms.ts"
import type { DeferredPath, PageName } from "./types.ts"

export * from "@inertiajs/react"

type Data<Name extends PageName> = DeferredPath<Name> | DeferredPath<Name>[]
type WithData<Component extends (props: never) => ReactNode, Name extends PageName> = Omit<
  Parameters<Component>[0],
  "data"
> & { data: Data<Name> }

/** The current page: `usePage<'Users/Show'>().props` has the props of this page, and any other is an error. */
export const usePage = inertia.usePage as <Name extends PageName = PageName>() => PageOf<
  ReturnType<typeof inertia.usePage>,
  Name
>

/** `<Deferred<'Users/Show'> data="posts">`: `data` names props of the page that may be missing. */
export const Deferred = inertia.Deferred as {
  <Name extends PageName = PageName>(props: WithData<typeof inertia.Deferred, Name>): ReactNode
  displayName: string
}

type VisibleProps<Name extends PageName> = Omit<Parameters<typeof inertia.WhenVisible>[0], "data"> & {
  data?: Data<Name>
}

/** `<WhenVisible<'Users/Show'> data="posts">`: `data` names props of the page that may be missing. */
export const WhenVisible = inertia.WhenVisible as {
  <Name extends PageName = PageName>(props: VisibleProps<Name>): ReactNode
  displayName: string
}

/** A link to a URL, or to a route object, which also sets the method and the component. */
export const Link = inertia.Link as (props: ComponentProps<typeof inertia.Link> & LinkTarget) => ReactElement

/** `<Form<Inputs['users.create']> action={usersCreate()}>`: errors and fields by name. */
export const Form = inertia.Form as {
  <Input extends object = Record<string, any>>(
    props: Parameters<typeof inertia.Form<Input>>[0] & FormTarget,
  ): ReactElement
  displayName: string
}

/** Inertia's router. `router.reload<'Users/Show'>({ only: ['posts'] })` names props of the page. */
export const router: TypedRouter<typeof inertia.router> = inertia.router

/**
 * The hidden field with the CSRF token, for a form that the browser submits, on a page with `hydrate=False`:
 * `<input {...useCsrfField()} />`.
 */
export function useCsrfField(): CsrfField & { suppressHydrationWarning: true } {
  return { ...csrfField(inertia.usePage().props), suppressHydrationWarning: true }
}

/** The visitor's input in the rejected form: `const old = useOldInput()`, `<input name="email" defaultValue={old("email")} />`. */
export function useOldInput(): OldInput {
  return oldInput(inertia.usePage().props)
}
