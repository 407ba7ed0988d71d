/**
 * Detects pages that replace a built-in function, such as `JSON.stringify`, which all pages share.
 *
 * How it works:
 * 1. After the bundle is imported, the functions of the most used built-in objects are remembered. Polyfills that the
 *    bundle installs when it is imported are thus accepted.
 * 2. After each render they are compared, and restored. Properties that a page adds are not noticed.
 */
export interface Builtins {
  /** Restore replaced functions; return the name of one of them. Costs about 10 µs. */
  readonly restore: () => string | undefined
}

const GLOBALS = new Set(["Array", "Date", "Error", "JSON", "Map", "Math", "Object", "Promise", "Set", "String"])
const { defineProperty, entries, getOwnPropertyDescriptors } = Object

export function rememberBuiltins(): Builtins {
  const known: { name: string; owner: Record<string, unknown>; key: string; value: unknown }[] = []
  const remember = (prefix: string, owner: object, isWatched: (key: string, value: unknown) => boolean) => {
    for (const [key, { value }] of entries(getOwnPropertyDescriptors(owner))) {
      if (isWatched(key, value)) {
        known.push({ name: prefix + key, owner: owner as Record<string, unknown>, key, value: value as unknown })
      }
    }
  }
  remember("", globalThis, (key) => GLOBALS.has(key))
  for (const [name, owner] of entries({ JSON, Object, Promise, Date })) {
    remember(`${name}.`, owner, (_, value) => typeof value === "function")
  }
  for (const { name, prototype } of [Array, Map, Promise, Set, String]) {
    remember(`${name}.prototype.`, prototype as object, (_, value) => typeof value === "function")
  }
  return { restore: () => restore(known) }
}

function restore(known: { name: string; owner: Record<string, unknown>; key: string; value: unknown }[]) {
  let replaced: string | undefined
  // With an index, because the iterator of arrays may be replaced, too.
  for (let index = 0; index < known.length; index += 1) {
    const { name, owner, key, value } = known[index]!
    if (owner[key] !== value) {
      replaced ??= name
      defineProperty(owner, key, { value, configurable: true, enumerable: false, writable: true })
    }
  }
  return replaced
}
