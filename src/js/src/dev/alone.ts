/**
 * The page at the URL of a dev server that the user started.
 *
 * Inertia pages come from the app. index.html lacks the page data, so its script would fail and leave a blank page.
 * Without @inertiajs/vite, the front end may not use Inertia, and index.html is shown as usual.
 */

/** The parts of Vite that are used here. */
interface Config {
  plugins: readonly { name: string }[]
}

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>This is Vite, not the app</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 15vh auto; padding: 0 1.25rem }
h1 { font-size: 1.5rem; margin: 0 0 .5rem }
code { font: 14px/1.5 ui-monospace, monospace; background: #8882; border-radius: 4px; padding: .1rem .3rem }
</style>
</head>
<body>
<h1>This is Vite, not the app</h1>
<p>The Python app serves the pages with their props. Start it with <code>litestar run --reload</code> and open the URL
that it prints. The app starts Vite itself, so you can stop this dev server.</p>
<p>To keep using this dev server, set <code>VITE_DEV_MODE=1</code> and set <code>VITE_DEV_SERVER_URL</code> to this URL.
Then start the app and open its URL.</p>
</body>
</html>
`

/**
 * The hooks of a dev server that the user started, and of builds.
 *
 * @param builtScript The entry that a built document lacks.
 */
export function aloneHooks(builtScript: () => string | undefined) {
  let isInertia = false
  return {
    configResolved({ plugins }: Config): void {
      isInertia = plugins.some(({ name }) => name === "@inertiajs/vite")
    },
    transformIndexHtml: {
      // First, because other plugins' additions are for the app's pages.
      order: "pre" as const,
      handler(_html: string, { server }: { server?: unknown }): string | object[] | undefined {
        if (server === undefined) {
          const src = builtScript()
          return src === undefined ? undefined : [{ tag: "script", attrs: { type: "module", src }, injectTo: "head" }]
        }
        return isInertia ? PAGE : undefined
      },
    },
  }
}
