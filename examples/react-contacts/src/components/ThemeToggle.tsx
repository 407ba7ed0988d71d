import { Icon } from './Icon'

/** Switch between light and dark and remember it. */
function toggleTheme(): void {
  const root = document.documentElement
  const dark = getComputedStyle(root).colorScheme === 'dark' || (!root.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches)
  root.dataset.theme = dark ? 'light' : 'dark'
  try {
    localStorage.setItem('theme', root.dataset.theme)
  } catch {
    // Storage can be forbidden; the choice then lasts as long as the page.
  }
}

/** The theme lives on <html>, outside React: the server renders both icons, CSS shows one, and nothing can mismatch. */
export function ThemeToggle() {
  return (
    <button type="button" className="button button-ghost button-icon theme-toggle" aria-label="Switch between light and dark" onClick={toggleTheme}>
      <Icon name="sun" />
      <Icon name="moon" />
    </button>
  )
}
