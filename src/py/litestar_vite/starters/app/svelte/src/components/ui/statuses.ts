import type { ProjectRow } from '../../generated/pages.gen'

export type Status = ProjectRow['status']

export const STATUSES: Record<Status, { label: string; tone: string }> = {
  planned: { label: 'Planned', tone: 'neutral' },
  active: { label: 'Active', tone: 'accent' },
  paused: { label: 'Paused', tone: 'warn' },
  done: { label: 'Done', tone: 'good' },
}
