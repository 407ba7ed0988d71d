import { http } from '@inertiajs/core'

const network = http.getClient()

/** Answers partial reloads from the groups that follow the document, and everything else from the network. */
export const streamed = {
  async request(config: Parameters<typeof network.request>[0]) {
    const wanted = (config.headers as Record<string, string> | undefined)?.['X-Inertia-Partial-Data']
    ;(window as { asked?: number }).asked ??= performance.now()
    const text = wanted === undefined ? undefined : await group(wanted)
    if (text === undefined) return network.request(config)
    return { status: 200, data: text, headers: { 'x-inertia': 'true', 'content-type': 'application/json' } }
  },
}

/** The text of a group, as soon as it is complete; undefined if the document ends without it. */
function group(name: string): Promise<string | undefined> {
  // Whatever follows the element shows that it is complete.
  const find = () => {
    const element = document.querySelector(`script[data-group="${name}"]`)
    const isComplete = element !== null && (element.nextSibling !== null || document.readyState !== 'loading')
    const text = isComplete ? (element.textContent ?? undefined) : undefined
    if (isComplete) element.remove()
    return text
  }
  return new Promise((resolve) => {
    const look = () => {
      const text = find()
      if (text === undefined && document.readyState === 'loading') return
      observer.disconnect()
      document.removeEventListener('readystatechange', look)
      resolve(text)
    }
    const observer = new MutationObserver(look)
    observer.observe(document, { childList: true, subtree: true })
    document.addEventListener('readystatechange', look)
    look()
  })
}
