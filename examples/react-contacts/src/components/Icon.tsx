import type { ReactNode } from 'react'

const PATHS = {
  people: (
    <>
      <circle cx="9" cy="8" r="3.25" />
      <path d="M3 19c.4-3.2 2.8-5 6-5s5.6 1.8 6 5M15.5 5.1a3.25 3.25 0 0 1 0 5.8M17.5 14.4c2 .7 3.2 2.3 3.5 4.6" />
    </>
  ),
  building: <path d="M5 20V5.5L13 4v16M13 9h6v11M3 20h18M8.5 8.5h1M8.5 12h1M8.5 15.5h1M16 12.5h.5M16 16h.5" />,
  search: (
    <>
      <circle cx="11" cy="11" r="6" />
      <path d="m20 20-4.7-4.7" />
    </>
  ),
  plus: <path d="M12 5v14M5 12h14" />,
  sun: (
    <>
      <circle cx="12" cy="12" r="3.75" />
      <path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M18.4 5.6 17 7M7 17l-1.4 1.4" />
    </>
  ),
  moon: <path d="M20 14.2A8 8 0 1 1 9.8 4a6.5 6.5 0 0 0 10.2 10.2Z" />,
  mail: (
    <>
      <rect x="3" y="5.5" width="18" height="13" rx="2" />
      <path d="m4 7.5 8 5.5 8-5.5" />
    </>
  ),
  phone: (
    <path d="M7.5 4H5.3C4.6 4 4 4.6 4 5.4 4.3 13.3 10.7 19.7 18.6 20c.8 0 1.4-.6 1.4-1.3v-2.2l-4-1.5-1.7 2a12 12 0 0 1-5.3-5.3l2-1.7L7.5 4Z" />
  ),
  meeting: (
    <>
      <rect x="4" y="5.5" width="16" height="14.5" rx="2" />
      <path d="M4 10h16M8.5 3.5v3.5M15.5 3.5v3.5" />
    </>
  ),
  note: <path d="M6 4h12v10l-6 6H6V4ZM18 14h-6v6M9 8h6M9 11h4" />,
  edit: <path d="m5 19 .8-3.7L15.5 5.6a1.5 1.5 0 0 1 2.1 0l.8.8a1.5 1.5 0 0 1 0 2.1L8.7 18.2 5 19ZM13.5 7.6l2.9 2.9" />,
  trash: <path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10 10.5v5.5M14 10.5v5.5" />,
  left: <path d="m14.5 6-6 6 6 6" />,
  right: <path d="m9.5 6 6 6-6 6" />,
  up: <path d="m7 13.5 5-5 5 5" />,
  down: <path d="m7 10.5 5 5 5-5" />,
  status: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="m8.5 12.3 2.5 2.5 4.5-5" />
    </>
  ),
  check: <path d="m5 12.5 4.5 4.5L19 7.5" />,
  close: <path d="m6 6 12 12M18 6 6 18" />,
  alert: <path d="M12 8v5M12 16v.2M12 3.5l9 16H3l9-16Z" />,
  pin: (
    <>
      <path d="M12 20.5c4-4.2 6.5-7.5 6.5-10.5a6.5 6.5 0 0 0-13 0c0 3 2.5 6.3 6.5 10.5Z" />
      <circle cx="12" cy="10" r="2.25" />
    </>
  ),
  globe: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M3.5 12h17M12 3.5c5.2 5.2 5.2 11.8 0 17M12 3.5c-5.2 5.2-5.2 11.8 0 17" />
    </>
  ),
} satisfies Record<string, ReactNode>

export type IconName = keyof typeof PATHS

/** A decorative line icon. Its meaning is given by the text next to it, or by the label of its button. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      {PATHS[name]}
    </svg>
  )
}
