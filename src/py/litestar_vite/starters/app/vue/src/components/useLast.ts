import { ref, type Ref, watch } from 'vue'

/** The last value that was not null: what a dialog shows while it closes. */
export function useLast<Value>(value: () => Value | null): Readonly<Ref<Value | null>> {
  const last = ref(value()) as Ref<Value | null>
  watch(value, (next) => {
    if (next !== null) last.value = next
  })
  return last
}
