/**
 * URLs of named routes, type-checked. Runs in the browser and in server-side rendering, so Node APIs are not used.
 *
 * How it works:
 * 1. The generated `src/generated/routes.ts` calls `route` once for each named route. Routes that are not imported are
 *    left out of the build.
 * 2. `usersShow({ user_id: 7 })` is `{ url, method, component }`, which Inertia accepts wherever it accepts a URL.
 * 3. `createRoute` looks routes up by name.
 */
import { choosePath, fillPath, type Given, hasParameters, type ParamsOf, type Query, queryString } from "./url.ts"

export type { ParamsOf, Query } from "./url.ts"

export type Method = "get" | "post" | "put" | "patch" | "delete"

/** A visit's target: Inertia's `UrlMethodPair`. With a component, `<Link instant>` shows it before the response. */
export interface Destination<Verb extends Method = Method, Component extends string = string> {
  url: string
  method: Verb
  component?: Component
}

/** Options for a URL: its query, fragment and origin. */
export interface URLOptions<Parameters = Query> {
  query?: Parameters | undefined
  hash?: string
  /** `true` for a URL with the origin of the page, or of `setRouteDefaults`. */
  absolute?: boolean
}

/** Settings for all routes. Functions are called for each URL, so a server can answer for the current request. */
export interface RouteDefaults {
  /** A path prefix that is only known at run time. The prefix of `ViteConfig.root_path` is in the paths already. */
  prefix?: string | (() => string)
  /** For absolute URLs, such as `https://example.org`. Default: the origin of the page. */
  origin?: string | (() => string)
}

/** The type of a route's query, which `query<…>()` carries. */
export interface QueryType<Parameters> {
  readonly query?: Parameters
}

type OptionsFor<Parameters> =
  Record<never, never> extends Parameters
    ? [options?: URLOptions<Parameters>]
    : [options: URLOptions<Parameters> & { query: Parameters }]

type WithParams<Path extends string> = Path extends `${string}{${string}` ? Path : never

// Where one of several paths has parameters, they always come first.
type ArgumentsOf<Path extends string, Parameters, All extends string = Path> = Path extends string
  ? unknown extends ParamsOf<Path>
    ? [WithParams<All>] extends [never]
      ? OptionsFor<Parameters>
      : [params?: null, ...rest: OptionsFor<Parameters>]
    : [params: ParamsOf<Path>, ...rest: OptionsFor<Parameters>]
  : never

/** `usersShow({ user_id: 7 }, { query: { tab: 'posts' } })`. */
export interface Route<Path extends string, Verb extends Method, Component extends string, Parameters = Query> {
  (...args: ArgumentsOf<Path, Parameters>): Destination<Verb, Component>
  readonly paths: readonly Path[]
  /** The URL alone, for plain links. */
  url(...args: ArgumentsOf<Path, Parameters>): string
}

let settings: RouteDefaults = {}

/** Set a path prefix or an origin for all routes. */
export function setRouteDefaults(defaults: RouteDefaults): void {
  settings = defaults
}

/** Declare the query of a route: `query<{ q?: string; page?: number }>()`. */
/* @__NO_SIDE_EFFECTS__ */
export function query<Parameters extends object>(): QueryType<Parameters> {
  return {}
}

/**
 * Return a function that makes destinations of a route. A route may have several paths.
 *
 * It throws an error if a parameter is missing.
 */
/* @__NO_SIDE_EFFECTS__ */
export function route<
  const Path extends string,
  const Verb extends Method,
  const Component extends string = never,
  Parameters extends object = Query,
>(
  path: Path | readonly Path[],
  method: Verb,
  component?: Component | null,
  _query?: QueryType<Parameters>,
): Route<Path, Verb, Component, Parameters> {
  const paths = typeof path === "string" ? [path] : path
  const takesParams = paths.some(hasParameters)
  const url = (...args: readonly unknown[]): string => {
    const [params, options] = takesParams ? args : [undefined, ...args]
    return makeURL(paths.join(" or "), paths, params as object | undefined, options as URLOptions | undefined)
  }
  const destination = (...args: readonly unknown[]) => ({ url: url(...args), method, ...(component && { component }) })
  return Object.assign(destination, { url, paths }) as Route<Path, Verb, Component, Parameters>
}

function makeURL(
  name: string,
  paths: readonly string[],
  params: object | null | undefined,
  options: URLOptions | null | undefined,
): string {
  const given: Given = { ...params }
  const path = fillPath(name, choosePath(paths, given), given)
  const hash = options?.hash ? `#${options.hash.replace(/^#/, "")}` : ""
  const url = valueOf(settings.prefix) + path + queryString(options?.query) + hash
  return options?.absolute ? origin() + url : url
}

function valueOf(setting: string | (() => string) | undefined): string {
  return ((typeof setting === "function" ? setting() : setting) ?? "").replace(/\/$/, "")
}

function origin(): string {
  const found = valueOf(settings.origin) || (globalThis as { location?: { origin: string } }).location?.origin
  if (!found) {
    throw new Error("An absolute URL needs an origin on the server. Call setRouteDefaults({ origin: 'https://…' }).")
  }
  return found
}

/** Routes by name: paths, or what `route` returned. A handler may have several paths. */
export type Routes = Readonly<Record<string, Paths | { readonly paths: Paths }>>

type Paths = readonly string[]
type PathOf<Found> = Found extends { readonly paths: readonly (infer Path extends string)[] }
  ? Path
  : Found extends readonly (infer Path extends string)[]
    ? Path
    : never

type NamedArguments<Path extends string> = Path extends string
  ? unknown extends ParamsOf<Path>
    ? [params?: null, query?: Query]
    : [params: ParamsOf<Path>, query?: Query]
  : never

/** Returns a URL: `route("users.show", { user_id: 7 }, { tab: "posts" })` is `/users/7?tab=posts`. */
export type RouteFunction<All extends Routes> = <Name extends keyof All & string>(
  name: Name,
  ...rest: NamedArguments<PathOf<All[Name]>>
) => string

/**
 * Return the `route` function of an app.
 *
 * @throws Error if called with an unknown name, or without a required parameter.
 */
export function createRoute<const All extends Routes>(routes: All): RouteFunction<All> {
  return (name, ...[params, search]) => {
    const found: Paths | { readonly paths: Paths } = Object.hasOwn(routes, name) ? routes[name]! : []
    const paths: Paths = "paths" in found ? found.paths : found
    if (paths.length === 0) {
      throw new Error(
        `No route is named '${name}'. The names are ${Object.keys(routes).join(", ")}. ` +
          "To update them, run: litestar assets routes",
      )
    }
    return makeURL(name, paths, params, { query: search as Query | undefined })
  }
}
