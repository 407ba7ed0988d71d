/**
 * What a browser sees at the URL of a Vite that was started by hand.
 *
 * An Inertia page comes from the app: index.html alone has no page data, so that its script fails and leaves a white page. Without
 * @inertiajs/vite the front end may be no Inertia app, and index.html is shown as ever.
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
<p>Pages come from the Python app, with their props. Start it with <code>litestar run --reload</code> and open the address that it prints:
it starts a Vite of its own, so this one is not needed.</p>
<p>To go on with this Vite, set <code>VITE_DEV_MODE=1</code> and <code>VITE_DEV_SERVER_URL</code> to this address, start the app, and open the app.</p>
</body>
</html>
`

/** The hooks of a dev server that nobody but the user started. */
export function aloneHooks() {
  let isInertia = false
  return {
    configResolved({ plugins }: Config): void {
      isInertia = plugins.some(({ name }) => name === "@inertiajs/vite")
    },
    transformIndexHtml: {
      // First: what other plugins would add belongs to the app's page.
      order: "pre" as const,
      handler: (_html: string, { server }: { server?: unknown }): string | undefined => (isInertia && server !== undefined ? PAGE : undefined),
    },
  }
}
