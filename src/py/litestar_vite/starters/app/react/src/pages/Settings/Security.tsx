import { Form, Head } from 'litestar-vite/react'
import { TwoFactor } from '../../components/settings/TwoFactor'
import { Field } from '../../components/ui/Field'
import { PasswordInput } from '../../components/ui/PasswordInput'
import { Section } from '../../components/ui/Section'
import { SubmitButton } from '../../components/ui/SubmitButton'
import type { Inputs, PageProps } from '../../generated/pages.gen'
import { securityPassword } from '../../generated/routes'

export default function Security(security: PageProps<'Settings/Security'>) {
  return (
    <>
      <Head title="Security" />
      <Section title="Password" text="When you change it, your other devices are logged out.">
        <Form<Inputs['security.password']>
          action={securityPassword()}
          errorBag="password"
          resetOnSuccess
          options={{ preserveScroll: true }}
          noValidate
          className="grid gap-4"
        >
          {({ errors, processing }) => (
            <>
              <Field label="Current password" error={errors.current_password}>
                {(control) => <PasswordInput {...control} name="current_password" autoComplete="current-password" />}
              </Field>
              <Field label="New password" error={errors.password} hint="At least 8 characters.">
                {(control) => <PasswordInput {...control} name="password" autoComplete="new-password" />}
              </Field>
              <SubmitButton processing={processing} className="btn-primary justify-self-start">
                Change password
              </SubmitButton>
            </>
          )}
        </Form>
      </Section>
      <TwoFactor security={security} />
    </>
  )
}
