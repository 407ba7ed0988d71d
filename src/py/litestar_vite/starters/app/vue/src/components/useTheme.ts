import { onMounted, onUnmounted, readonly, ref } from 'vue'
import { currentTheme, onThemeChange, type Theme } from '../lib/theme'

/** The chosen theme; null on the server, which does not know it. */
export function useTheme() {
  const theme = ref<Theme | null>(null)
  let stop = () => {}
  onMounted(() => {
    theme.value = currentTheme()
    stop = onThemeChange(() => (theme.value = currentTheme()))
  })
  onUnmounted(() => stop())
  return readonly(theme)
}
