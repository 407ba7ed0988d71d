import { loadMore, startAfresh } from '../../../shared/actions'

export default function Merge({ items, log, tree, page }) {
  return (
    <>
      <h1>Merging</h1>
      <p id="items">{items.map((item) => `${item.id}:${item.text}`).join(' ')}</p>
      <p id="log">{log.join(' ')}</p>
      <p id="tree">{Object.entries(tree.branches).map(([name, leaves]) => `${name}=${leaves.join('+')}`).join(' ')}</p>
      <button id="more" onClick={() => loadMore(page + 1)}>page 2</button>
      <button id="reset" onClick={() => startAfresh()}>reset</button>
    </>
  )
}
