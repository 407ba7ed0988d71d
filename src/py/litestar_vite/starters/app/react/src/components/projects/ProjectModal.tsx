import { Form } from 'litestar-vite/react'
import type { Inputs, ProjectRow } from '../../generated/pages.gen'
import { projectsStore, projectsUpdate } from '../../generated/routes'
import { useLast } from '../useLast'
import { Field } from '../ui/Field'
import { Modal } from '../ui/Modal'
import { STATUSES } from '../ui/StatusBadge'
import { SubmitButton } from '../ui/SubmitButton'

interface ProjectModalProps {
  /** The project to change, "new" for a new one, null when the dialog is closed. */
  project: ProjectRow | 'new' | null
  onClose: () => void
}

export function ProjectModal({ project, onClose }: ProjectModalProps) {
  const shown = useLast(project)
  const row = shown === 'new' ? null : shown
  return (
    <Modal isOpen={project !== null} onClose={onClose} title={row ? 'Edit project' : 'New project'}>
      <Form<Inputs['projects.store']>
        action={row ? projectsUpdate({ project_id: row.id }) : projectsStore()}
        onSuccess={onClose}
        options={{ preserveScroll: true }}
        noValidate
        className="grid gap-4"
      >
        {({ errors, processing }) => (
          <>
            <Field label="Name" error={errors.name}>
              {(control) => <input {...control} name="name" defaultValue={row?.name} maxLength={80} className="input" />}
            </Field>
            <div className="grid gap-4 sm:grid-cols-2">
              <Field label="Status" error={errors.status}>
                {(control) => (
                  <select {...control} name="status" defaultValue={row?.status ?? 'planned'} className="input">
                    {Object.entries(STATUSES).map(([status, { label }]) => (
                      <option key={status} value={status}>
                        {label}
                      </option>
                    ))}
                  </select>
                )}
              </Field>
              <Field label="Due date" error={errors.due_on}>
                {(control) => <input {...control} name="due_on" type="date" defaultValue={row?.due_on ?? ''} className="input" />}
              </Field>
            </div>
            <Field label="Description" error={errors.description}>
              {(control) => (
                <textarea {...control} name="description" rows={4} defaultValue={row?.description} className="input resize-y" />
              )}
            </Field>
            <div className="mt-2 flex justify-end gap-2">
              <button type="button" className="btn" onClick={onClose}>
                Cancel
              </button>
              <SubmitButton processing={processing}>{row ? 'Save' : 'Create'}</SubmitButton>
            </div>
          </>
        )}
      </Form>
    </Modal>
  )
}
