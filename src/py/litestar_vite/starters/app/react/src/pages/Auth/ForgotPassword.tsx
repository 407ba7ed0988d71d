import { Form, Head, Link } from 'litestar-vite/react'
import { Field } from '../../components/ui/Field'
import { SubmitButton } from '../../components/ui/SubmitButton'
import type { Inputs } from '../../generated/pages.gen'
import { login, passwordEmail } from '../../generated/routes'
import { GuestCard } from '../../layouts/GuestLayout'

export default function ForgotPassword() {
  return (
    <GuestCard
      title="Forgot your password?"
      text="We send you a link to choose a new one."
      footer={
        <Link href={login()} className="link">
          Back to the login
        </Link>
      }
    >
      <Head title="Forgot password" />
      <Form<Inputs['password.email']> action={passwordEmail()} resetOnSuccess noValidate className="grid gap-4">
        {({ errors, processing }) => (
          <>
            <Field label="E-mail address" error={errors.email}>
              {(control) => <input {...control} name="email" type="email" autoComplete="username" autoFocus className="input" />}
            </Field>
            <SubmitButton processing={processing}>Send the link</SubmitButton>
          </>
        )}
      </Form>
    </GuestCard>
  )
}
