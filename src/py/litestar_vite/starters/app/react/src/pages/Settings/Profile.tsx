import { Form, Head } from 'litestar-vite/react'
import { AvatarForm } from '../../components/settings/AvatarForm'
import { DeleteAccount } from '../../components/settings/DeleteAccount'
import { Field } from '../../components/ui/Field'
import { Section } from '../../components/ui/Section'
import { SubmitButton } from '../../components/ui/SubmitButton'
import type { Inputs, PageProps } from '../../generated/pages.gen'
import { profileUpdate } from '../../generated/routes'

export default function Profile({ auth }: PageProps<'Settings/Profile'>) {
  const user = auth.user!
  return (
    <>
      <Head title="Profile" />
      <Section title="Picture" text="PNG, JPEG or WebP, at most 2 MB.">
        <AvatarForm user={user} />
      </Section>
      <Section title="Profile">
        <Form<Inputs['profile.update']> action={profileUpdate()} options={{ preserveScroll: true }} noValidate className="grid gap-4">
          {({ errors, processing }) => (
            <>
              <Field label="Name" error={errors.name}>
                {(control) => <input {...control} name="name" autoComplete="name" defaultValue={user.name} className="input" />}
              </Field>
              <Field label="E-mail address" error={errors.email} hint={user.is_verified ? undefined : 'Not verified yet. We sent you a link.'}>
                {(control) => (
                  <input {...control} name="email" type="email" autoComplete="username" defaultValue={user.email} className="input" />
                )}
              </Field>
              <SubmitButton processing={processing} className="btn-primary justify-self-start">
                Save
              </SubmitButton>
            </>
          )}
        </Form>
      </Section>
      <Section title="Delete account" text="Your profile, your projects and everything in them are deleted for good.">
        <DeleteAccount />
      </Section>
    </>
  )
}
