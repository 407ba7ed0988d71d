import { useSyncExternalStore } from 'react'
import { currentTheme, onThemeChange, type Theme } from '../lib/theme'

/** The chosen theme; null on the server, which does not know it. */
export function useTheme(): Theme | null {
  return useSyncExternalStore<Theme | null>(onThemeChange, currentTheme, () => null)
}
