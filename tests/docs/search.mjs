// Ranks pages as the search of the built documentation does, with its own scripts and index.
// node search.mjs <built html> reads a JSON list of queries from stdin, and prints a list of page names for each.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import vm from 'node:vm'

const [, , folder] = process.argv
const queries = JSON.parse(readFileSync(0, 'utf8'))

// A stub of the search page: the scripts only look up elements, and may find none.
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
      // The search page shows the last result first, and repeats a page for each matching heading.
      return [...results].reverse().map(([page]) => page)
    }),
  ),
)
