import Monitor from '@lucide/svelte/icons/monitor'
import Moon from '@lucide/svelte/icons/moon'
import Sun from '@lucide/svelte/icons/sun'
import type { LucideIcon } from '@lucide/svelte'
import type { Theme } from '../lib/theme'

export const THEMES: { theme: Theme; label: string; Icon: LucideIcon }[] = [
  { theme: 'light', label: 'Light', Icon: Sun },
  { theme: 'dark', label: 'Dark', Icon: Moon },
  { theme: 'system', label: 'System', Icon: Monitor },
]
