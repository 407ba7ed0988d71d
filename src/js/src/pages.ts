/**
 * Resolves pages by name, for projects without @inertiajs/vite.
 *
 * `resolvePage(name, import.meta.glob("./pages/**\/*.tsx"))` loads a page's chunk when it is first shown.
 */

/** The result of `import.meta.glob`: importers by path, or modules with `{ eager: true }`. */
export type PageModules<Module> = Record<string, Module | (() => Promise<Module>)>

// The same pattern as in src/py/litestar_vite/_assets/manifest.py, which preloads a page's chunk.
const PAGE = /(?:^|\/)pages\/(.+)\.(?:tsx|jsx|ts|js|vue|svelte|mts|mjs)$/i

/**
 * Load the page `Users/Index` from a glob of `…/pages/Users/Index.tsx`, `.vue`, `.svelte`, …
 *
 * @throws Error if the page does not exist. The message names pages that only differ in case, else all pages.
 */
export async function resolvePage<Module>(name: string, modules: PageModules<Module>): Promise<Module> {
  const found = Object.entries(modules).find(([path]) => PAGE.exec(path)?.[1] === name)
  if (found === undefined) {
    const same = Object.keys(modules).filter((path) => PAGE.exec(path)?.[1]?.toLowerCase() === name.toLowerCase())
    const hint =
      same.length > 0
        ? `Did you mean ${same.join(" or ")}? Upper and lower case matter.`
        : `The pages are ${Object.keys(modules).join(", ") || "none"}.`
    throw new Error(`No page '${name}'. ${hint}`)
  }
  const page = found[1]
  return typeof page === "function" ? await (page as () => Promise<Module>)() : page
}
