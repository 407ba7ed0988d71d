/** The last value that was not null, as `current`: what a dialog shows while it closes. */
export function useLast<Value>(value: () => Value | null) {
  let last: Value | null = null
  const current = $derived.by(() => (last = value() ?? last))
  return {
    get current() {
      return current
    },
  }
}
