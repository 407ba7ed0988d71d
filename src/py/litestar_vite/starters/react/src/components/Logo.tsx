export function Logo() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="#5b4fd6" />
      <path d="M16 5l3.2 7.6 8.1.7-6.2 5.3 1.9 8L16 22.3l-7 4.3 1.9-8-6.2-5.3 8.1-.7z" fill="#ffd166" />
    </svg>
  )
}
