import { onMount } from 'svelte'
import { currentTheme, onThemeChange, type Theme } from '../lib/theme'

/** The chosen theme as `current`; null on the server, which does not know it. */
export function useTheme() {
  let theme = $state<Theme | null>(null)
  onMount(() => {
    theme = currentTheme()
    return onThemeChange(() => (theme = currentTheme()))
  })
  return {
    get current() {
      return theme
    },
  }
}
