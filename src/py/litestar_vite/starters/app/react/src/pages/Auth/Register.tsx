import { Form, Head, Link } from 'litestar-vite/react'
import { Field } from '../../components/ui/Field'
import { PasswordInput } from '../../components/ui/PasswordInput'
import { SubmitButton } from '../../components/ui/SubmitButton'
import type { Inputs } from '../../generated/pages.gen'
import { login, registerStore } from '../../generated/routes'
import { GuestCard } from '../../layouts/GuestLayout'

export default function Register() {
  return (
    <GuestCard
      title="Create an account"
      footer={
        <>
          You have one?{' '}
          <Link href={login()} className="link" prefetch>
            Log in
          </Link>
        </>
      }
    >
      <Head title="Register" />
      <Form<Inputs['register.store']> action={registerStore()} noValidate className="grid gap-4">
        {({ errors, processing }) => (
          <>
            <Field label="Name" error={errors.name}>
              {(control) => <input {...control} name="name" autoComplete="name" autoFocus className="input" />}
            </Field>
            <Field label="E-mail address" error={errors.email}>
              {(control) => <input {...control} name="email" type="email" autoComplete="username" className="input" />}
            </Field>
            <Field label="Password" error={errors.password} hint="At least 8 characters.">
              {(control) => <PasswordInput {...control} name="password" autoComplete="new-password" />}
            </Field>
            <SubmitButton processing={processing}>Create account</SubmitButton>
          </>
        )}
      </Form>
    </GuestCard>
  )
}
