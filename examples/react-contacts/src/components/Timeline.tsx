import { formatDate } from '../format'
import type { ActivityItem } from '../generated/pages.gen'
import { EmptyState } from './EmptyState'
import { Icon } from './Icon'

const ICONS = { call: 'phone', email: 'mail', meeting: 'meeting', note: 'note' } as const
const LABELS = { call: 'Call', email: 'E-mail', meeting: 'Meeting', note: 'Note' }

export function Timeline({ activity }: { activity: ActivityItem[] }) {
  if (!activity.length) return <EmptyState icon="meeting" title="Nothing has happened yet" />
  return (
    <ol className="timeline">
      {activity.map(({ id, kind, summary, happenedAt }) => (
        <li key={id}>
          <span className="timeline-icon">
            <Icon name={ICONS[kind]} />
          </span>
          <span className="cell-lines">
            <span>{summary}</span>
            <span className="secondary">
              {LABELS[kind]} · <time dateTime={happenedAt}>{formatDate(happenedAt)}</time>
            </span>
          </span>
        </li>
      ))}
    </ol>
  )
}
