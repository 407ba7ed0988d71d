import type { Status } from '../choices'

export const STATUS_LABELS: Record<Status, string> = {
  lead: 'Lead',
  active: 'Active',
  customer: 'Customer',
  archived: 'Archived',
}

export function StatusBadge({ status }: { status: Status }) {
  return <span className={`badge badge-${status}`}>{STATUS_LABELS[status]}</span>
}
