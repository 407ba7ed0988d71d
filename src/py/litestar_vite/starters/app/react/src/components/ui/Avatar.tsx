import { initials } from '../../lib/format'

interface AvatarProps {
  name: string
  url: string | null
  className?: string
}

export function Avatar({ name, url, className = 'size-10' }: AvatarProps) {
  const shape = `${className} shrink-0 rounded-full`
  if (url) return <img src={url} alt="" className={`${shape} object-cover`} />
  return (
    <span aria-hidden className={`${shape} grid place-items-center bg-accent-soft text-xs font-semibold text-accent-text`}>
      {initials(name)}
    </span>
  )
}
