// The SSR bundle of the app under test, as `vite build --ssr` would leave it: it exports a render function.
// Echo renders, Poison throws, Spin never comes back.
const escape = (json) => json.replaceAll("&", "\\u0026").replaceAll("<", "\\u003c").replaceAll(">", "\\u003e")

export default async function render(page) {
  const { user } = page.props
  if (page.component === "Poison") throw new Error("UPSTREAM-SECRET boom")
  if (page.component === "Spin") for (;;);
  console.log(`rendering for ${user}`)
  const script = `<script data-page="app" type="application/json">${escape(JSON.stringify(page))}</script>`
  return {
    head: [`<title>${user}</title>`],
    body: `${script}<div id="app" data-server-rendered="true"><h1 data-ssr="${user}">Hello ${user}</h1></div>`,
  }
}
