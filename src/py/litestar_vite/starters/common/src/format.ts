/** The same text on the server and in every browser, so that hydration finds what it expects: locale and time zone are named. */
export function formatDay(iso: string): string {
  return new Date(iso).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
}

/** What the error page says. */
export function describeError(status: number): { title: string; text: string } {
  if (status === 404) return { title: 'This page does not exist', text: 'The address may have a typing error, or the page is gone.' }
  if (status === 403) return { title: 'You may not do this', text: 'Reload the page and try again.' }
  if (status < 500) return { title: 'This request makes no sense here', text: 'A part of it could not be understood.' }
  return { title: 'Something went wrong', text: 'It is not your fault. Please try again in a moment.' }
}

/** Choose the other theme and remember it. */
export function toggleTheme(): void {
  const root = document.documentElement
  const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
  root.dataset.theme = isDark ? 'light' : 'dark'
  try {
    localStorage.setItem('theme', root.dataset.theme)
  } catch {
    // Private windows may refuse; the choice then lasts until the tab is closed.
  }
}
