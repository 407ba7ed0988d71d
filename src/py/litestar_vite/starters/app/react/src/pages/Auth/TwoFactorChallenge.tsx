import { Form, Head, Link } from 'litestar-vite/react'
import { Field } from '../../components/ui/Field'
import { SubmitButton } from '../../components/ui/SubmitButton'
import type { Inputs } from '../../generated/pages.gen'
import { login, twoFactorLogin } from '../../generated/routes'
import { GuestCard } from '../../layouts/GuestLayout'

export default function TwoFactorChallenge() {
  return (
    <GuestCard
      title="One more step"
      text="Enter the code of your authenticator app, or a recovery code."
      footer={
        <Link href={login()} className="link">
          Back to the login
        </Link>
      }
    >
      <Head title="Two factors" />
      <Form<Inputs['two-factor.login']> action={twoFactorLogin()} resetOnError noValidate className="grid gap-4">
        {({ errors, processing }) => (
          <>
            <Field label="Code" error={errors.code}>
              {(control) => (
                <input {...control} name="code" inputMode="text" autoComplete="one-time-code" autoFocus className="input" />
              )}
            </Field>
            <SubmitButton processing={processing}>Log in</SubmitButton>
          </>
        )}
      </Form>
    </GuestCard>
  )
}
