/** Fills path templates, as Litestar writes them: `/users/{user_id:int}`. */

/** The query: null and undefined are omitted, lists become repeated parameters. */
export type Query = Record<string, Scalar | readonly Scalar[] | null | undefined>

type Scalar = string | number | boolean

// Numbers may be strings, as in form fields and page props.
type ValueOf<Kind extends string> = Kind extends "int" | "float" | "decimal" ? number | string : string

/** The parameters of a path: `{ user_id: number | string }` for `/users/{user_id:int}`. */
export type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}:${infer Kind}}${infer Rest}`
  ? { [Key in Name]: ValueOf<Kind> } & ParamsOf<Rest>
  : unknown

export type Given = Readonly<Record<string, unknown>>

const PARAMETER = /\{([^:}]+):([^}]+)\}/g

/** The path with the most parameters among those with all parameters given, as in Litestar's `route_reverse`. */
export function choosePath(paths: readonly string[], given: Given): string {
  const byParameters = paths.toSorted((one, other) => parametersOf(other).length - parametersOf(one).length)
  const isComplete = (path: string) => parametersOf(path).every((parameter) => isGiven(given[parameter]))
  return byParameters.find(isComplete) ?? byParameters.at(-1)!
}

/**
 * Return the path with its parameters filled in.
 *
 * @throws Error if a parameter is missing. The message names it and the route.
 */
export function fillPath(name: string, path: string, given: Given): string {
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

/** Return `?a=1&b=2`, or nothing. */
export function queryString(query: object | null | undefined): string {
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

/** Return whether a path has parameters. */
export function hasParameters(path: string): boolean {
  return parametersOf(path).length > 0
}

function parametersOf(path: string): string[] {
  return [...path.matchAll(PARAMETER)].map((match) => match[1]!)
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ""
}
