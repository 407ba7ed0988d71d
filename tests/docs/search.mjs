// Ranks as the search page of the built documentation does: with its own scripts and its own index.
// node search.mjs <built html> reads queries from standard input, a JSON list, and prints a list of page names for each.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import vm from 'node:vm'

const [, , folder] = process.argv
const queries = JSON.parse(readFileSync(0, 'utf8'))

// The page around the scripts: they only look for elements that are not there.
const element = { appendChild: () => element, removeChild: () => element, dataset: { content_root: './' }, classList: { add() {} } }
const document = {
  documentElement: element,
  body: element,
  readyState: 'loading',
  addEventListener() {},
  createElement: () => ({ ...element }),
  getElementById: () => null,
}
const context = vm.createContext({ document, localStorage: { getItem: () => null, setItem() {} }, URLSearchParams, console })
context.window = context
for (const name of ['documentation_options', 'doctools', 'sphinx_highlight', 'searchtools', 'language_data', '../searchindex']) {
  vm.runInContext(readFileSync(join(folder, '_static', `${name}.js`), 'utf8'), context, { filename: name })
}

console.log(
  JSON.stringify(
    queries.map((query) => {
      context.query = query
      const results = vm.runInContext('Search._performSearch(...Search._parseQuery(query))', context)
      // The page shows the last result first. It shows a page more than once, at several headings.
      return [...results].reverse().map(([page]) => page)
    }),
  ),
)
