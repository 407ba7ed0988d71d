import { Monitor, Moon, Sun } from '@lucide/vue'
import type { Theme } from '../lib/theme'

export const THEMES: { theme: Theme; label: string; icon: typeof Sun }[] = [
  { theme: 'light', label: 'Light', icon: Sun },
  { theme: 'dark', label: 'Dark', icon: Moon },
  { theme: 'system', label: 'System', icon: Monitor },
]
