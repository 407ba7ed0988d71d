/** Format a date with a fixed locale and time zone, so that the server and the browser render the same text. */
export function formatDay(iso: string): string {
  return new Date(iso).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
}

/** Return the text of the error page. */
export function describeError(status: number): { title: string; text: string } {
  if (status === 404) {
    return { title: 'This page does not exist', text: 'Check the address. The page may also have been removed.' }
  }
  if (status === 403) return { title: 'You are not allowed to do this', text: 'Reload the page and try again.' }
  if (status < 500) return { title: 'This request is invalid', text: 'The server could not process it.' }
  return { title: 'Something went wrong', text: 'Please try again in a moment.' }
}

/** Switch between the light and the dark theme, and store the choice. */
export function toggleTheme(): void {
  const root = document.documentElement
  const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
  root.dataset.theme = isDark ? 'light' : 'dark'
  try {
    localStorage.setItem('theme', root.dataset.theme)
  } catch {
    // Storage may be unavailable in private windows. The choice then lasts until the tab is closed.
  }
}
