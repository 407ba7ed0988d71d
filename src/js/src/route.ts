/**
 * URLs of named routes, type-checked. Runs in the browser and in server-side rendering, so Node APIs are not used.
 *
 * `litestar assets routes` writes the module with the routes.
 */

/** Paths by route name, as Litestar writes them: `/users/{user_id:int}`. A handler may have several paths. */
export type Routes = Readonly<Record<string, readonly string[]>>

/** The query: null and undefined are omitted, lists become repeated parameters. */
export type Query = Record<string, Scalar | readonly Scalar[] | null | undefined>

type Scalar = string | number | boolean

// Numbers may be strings, as in form fields and page props.
type ValueOf<Kind extends string> = Kind extends "int" | "float" | "decimal" ? number | string : string

/** The parameters of a path: `{ user_id: number | string }` for `/users/{user_id:int}`. */
export type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}:${infer Kind}}${infer Rest}`
  ? { [Key in Name]: ValueOf<Kind> } & ParamsOf<Rest>
  : unknown

type Arguments<Path extends string> = Path extends string
  ? unknown extends ParamsOf<Path>
    ? [params?: null, query?: Query]
    : [params: ParamsOf<Path>, query?: Query]
  : never

/** Returns a URL: `route("users.show", { user_id: 7 }, { tab: "posts" })` is `/users/7?tab=posts`. */
export type RouteFunction<All extends Routes> = <Name extends keyof All & string>(
  name: Name,
  ...rest: Arguments<All[Name] extends readonly (infer Path extends string)[] ? Path : never>
) => string

const PARAMETER = /\{([^:}]+):([^}]+)\}/g

/**
 * Return the `route` function of an app.
 *
 * @throws Error if called with an unknown name, or without a required parameter.
 */
export function createRoute<const All extends Routes>(routes: All): RouteFunction<All> {
  return (name, ...[params, query]) => {
    const given: Readonly<Record<string, unknown>> = { ...(params as object | null | undefined) }
    return fill(name, pathOf(routes, name, given), given) + queryString(query)
  }
}

/** The path with the most parameters among those with all parameters given, as in Litestar's `route_reverse`. */
function pathOf(routes: Routes, name: string, given: Readonly<Record<string, unknown>>): string {
  const paths = Object.hasOwn(routes, name) ? routes[name] : undefined
  if (paths === undefined || paths.length === 0) {
    throw new Error(
      `No route is named '${name}'. The names are ${Object.keys(routes).join(", ")}. ` +
        "To update them, run: litestar assets routes",
    )
  }
  const byParameters = paths.toSorted((one, other) => parametersOf(other).length - parametersOf(one).length)
  const isComplete = (path: string) => parametersOf(path).every((parameter) => isGiven(given[parameter]))
  return byParameters.find(isComplete) ?? byParameters.at(-1)!
}

function parametersOf(path: string): string[] {
  return [...path.matchAll(PARAMETER)].map((match) => match[1]!)
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ""
}

function fill(name: string, path: string, given: Readonly<Record<string, unknown>>): string {
  return path.replace(PARAMETER, (_, parameter: string, kind: string) => {
    const value = given[parameter]
    if (!isGiven(value)) {
      const state = JSON.stringify(value) ?? "missing"
      throw new Error(`Route '${name}' needs '${parameter}' (its path is ${path}), which is ${state}.`)
    }
    // Path parameters contain slashes, including a leading one.
    const text = String(value)
    if (kind !== "path") {
      return encodeURIComponent(text)
    }
    return text.split("/").map(encodeURIComponent).join("/").replace(/^\//, "")
  })
}

function queryString(query: Query | undefined): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query ?? {})) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== null && item !== undefined) {
        search.append(key, String(item))
      }
    }
  }
  const text = search.toString()
  return text && `?${text}`
}
