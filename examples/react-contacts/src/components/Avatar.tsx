import type { CSSProperties } from 'react'
import { hue, initials } from '../format'

interface AvatarProps {
  name: string
  shape?: 'round' | 'square'
  size?: 'small' | 'medium' | 'large'
}

/** Initials on a colour derived from the name. Decorative, since the name is always next to it. */
export function Avatar({ name, shape = 'round', size = 'medium' }: AvatarProps) {
  return (
    <span className={`avatar avatar-${shape} avatar-${size}`} style={{ '--hue': hue(name) } as CSSProperties} aria-hidden="true">
      {initials(name)}
    </span>
  )
}
