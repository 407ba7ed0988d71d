import { Head } from 'litestar-vite/react'
import { THEMES } from '../../components/ThemeSwitch'
import { Section } from '../../components/ui/Section'
import { useTheme } from '../../components/useTheme'
import { setTheme } from '../../lib/theme'

export default function Appearance() {
  const current = useTheme()
  return (
    <>
      <Head title="Appearance" />
      <Section title="Theme" text="The choice is kept in this browser. By default, the system decides.">
        <div role="group" aria-label="Theme" className="grid gap-3 sm:grid-cols-3">
          {THEMES.map(({ theme, label, Icon }) => (
            <button
              key={theme}
              type="button"
              aria-pressed={current === theme}
              onClick={() => setTheme(theme)}
              className="flex items-center gap-2.5 rounded-lg border px-4 py-3 text-sm font-medium hover:bg-sunken aria-pressed:border-accent-text aria-pressed:bg-accent-soft aria-pressed:text-accent-text"
            >
              <Icon className="size-4" aria-hidden />
              {label}
            </button>
          ))}
        </div>
      </Section>
    </>
  )
}
