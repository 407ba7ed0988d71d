// The SSR bundle of the app under test, in the form that `vite build --ssr` writes: it exports a render function.
// Echo renders, Poison throws, Spin never returns, Exit ends its worker, Crash crashes it, Full fills its memory.
const escape = (json) => json.replaceAll("&", "\\u0026").replaceAll("<", "\\u003c").replaceAll(">", "\\u003e")

export default async function render(page) {
  const { user } = page.props
  if (page.component === "Poison") throw new Error("UPSTREAM-SECRET boom")
  if (page.component === "Spin") for (;;);
  if (page.component === "Exit") process.exit(0)
  if (page.component === "Crash") process.kill(process.pid, "SIGSEGV")
  if (page.component === "Full") for (const kept = []; ; ) kept.push(new Array(1e5).fill(Math.random()))
  console.log(`rendering for ${user}`)
  const script = `<script data-page="app" type="application/json">${escape(JSON.stringify(page))}</script>`
  return {
    head: [`<title>${user}</title>`],
    body: `${script}<div id="app" data-server-rendered="true"><h1 data-ssr="${user}">Hello ${user}</h1></div>`,
  }
}
