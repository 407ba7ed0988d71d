/**
 * Types that the helpers for React, Vue and Svelte share.
 *
 * Nothing is imported from @inertiajs/core: with pnpm, only the framework's package can be resolved.
 */
import type { Destination, Method } from "./route.ts"
import type { PageName, PageProps, PropPath } from "./types.ts"

/** A route object includes the method, so a separate `method` would be ignored. */
export type LinkTarget = { href?: string } | { href: Destination; method?: never }
export type FormTarget = { action?: string } | { action: Destination; method?: never }

/** Inertia's page object `Page`, with the props of the page `Name` and no other. */
export type PageOf<Page extends { props: { errors: unknown }; flash: object }, Name extends PageName> = Omit<
  Page,
  "component" | "props" | "flash"
> & {
  component: Name
  props: PageProps<Name> & Pick<Page["props"], "errors">
  // A mapped type: Object.entries() of an interface has values of type any.
  flash: { [Category in keyof Page["flash"]]: Page["flash"][Category] }
}

/** Options of a partial reload: only props that the page has. */
export type ReloadOptions<Options, Name extends PageName> = Omit<NonNullable<Options>, "only" | "except" | "reset"> & {
  only?: PropPath<Name>[]
  except?: PropPath<Name>[]
  reset?: PropPath<Name>[]
}

type Visits = "get" | "post" | "put" | "patch" | "delete"
type Call = (...args: never) => void
interface AnyRouter extends Record<Visits | "reload" | "visit", Call> {}

type To<Verb extends Method> = string | URL | Destination<Verb>
type Second<Function extends Call> = Parameters<Function>[1]

type VisitsOf<Router extends AnyRouter> = {
  [Verb in Exclude<Visits, "delete">]: (
    url: To<Verb>,
    data?: Second<Router[Verb]>,
    options?: Parameters<Router[Verb]>[2],
  ) => void
} & { delete: (url: To<"delete">, options?: Second<Router["delete"]>) => void }

/** Inertia's router: reloads name props of the page, and route objects have the method of the call. */
export type TypedRouter<Router extends AnyRouter> = Omit<Router, Visits | "reload" | "visit"> &
  VisitsOf<Router> & {
    reload: <Name extends PageName = PageName>(options?: ReloadOptions<Parameters<Router["reload"]>[0], Name>) => void
    visit: {
      (href: string | URL, options?: Second<Router["visit"]>): void
      (href: Destination, options?: Omit<NonNullable<Second<Router["visit"]>>, "method">): void
    }
  }
