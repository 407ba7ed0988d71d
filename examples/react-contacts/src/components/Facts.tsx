import type { ReactNode } from 'react'
import { Icon, type IconName } from './Icon'

/** A list of labelled facts about one thing. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>
}

interface FactProps {
  icon: IconName
  label: string
  children: ReactNode
}

export function Fact({ icon, label, children }: FactProps) {
  return (
    <div className="fact">
      <dt>
        <Icon name={icon} />
        {label}
      </dt>
      <dd>{children || <span className="secondary">–</span>}</dd>
    </div>
  )
}
