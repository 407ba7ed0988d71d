import { Monitor, Moon, Sun } from 'lucide-react'
import { setTheme, type Theme } from '../lib/theme'
import { useTheme } from './useTheme'

export const THEMES: { theme: Theme; label: string; Icon: typeof Sun }[] = [
  { theme: 'light', label: 'Light', Icon: Sun },
  { theme: 'dark', label: 'Dark', Icon: Moon },
  { theme: 'system', label: 'System', Icon: Monitor },
]

/** Three small buttons. */
export function ThemeSwitch() {
  const current = useTheme()
  return (
    <div role="group" aria-label="Theme" className="inline-flex gap-0.5 rounded-full border bg-surface p-0.5">
      {THEMES.map(({ theme, label, Icon }) => (
        <button
          key={theme}
          type="button"
          aria-label={label}
          title={label}
          aria-pressed={current === theme}
          onClick={() => setTheme(theme)}
          className="grid size-7 place-items-center rounded-full text-muted hover:text-text aria-pressed:bg-sunken aria-pressed:text-text"
        >
          <Icon className="size-4" aria-hidden />
        </button>
      ))}
    </div>
  )
}
