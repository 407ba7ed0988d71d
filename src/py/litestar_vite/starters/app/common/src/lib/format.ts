const DAY = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' })

/** "2026-01-31" or "2026-01-31T10:30:00Z" as "Jan 31, 2026". UTC, so that server and browser write the same. */
export function formatDay(date: string): string {
  return DAY.format(new Date(date))
}

/** "Ada Lovelace" as "AL". */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  return [words[0], words.length > 1 ? words.at(-1) : ''].map((word) => word?.[0]?.toUpperCase() ?? '').join('')
}

const ERRORS: Record<number, { title: string; text: string }> = {
  403: { title: 'This page is not for you', text: 'You are logged in, but you may not see this page.' },
  404: { title: 'This page does not exist', text: 'The address may be mistyped, or the page was moved or deleted.' },
  419: { title: 'This page has expired', text: 'It was open for a long time. Reload it and try again.' },
  429: { title: 'Too many requests', text: 'Please wait a moment and try again.' },
  503: { title: 'Back in a moment', text: 'We are updating the application. Please try again in a minute.' },
}

export function describeError(status: number): { title: string; text: string } {
  return ERRORS[status] ?? { title: 'Something went wrong', text: 'The error was logged, and we will look into it.' }
}
