import { Form, Head, Link } from 'litestar-vite/react'
import { Field } from '../../components/ui/Field'
import { PasswordInput } from '../../components/ui/PasswordInput'
import { SubmitButton } from '../../components/ui/SubmitButton'
import type { Inputs } from '../../generated/pages.gen'
import { loginStore, passwordForgot, register } from '../../generated/routes'
import { GuestCard } from '../../layouts/GuestLayout'

export default function Login() {
  return (
    <GuestCard
      title="Welcome back"
      footer={
        <>
          New here?{' '}
          <Link href={register()} className="link" prefetch>
            Create an account
          </Link>
        </>
      }
    >
      <Head title="Log in" />
      <Form<Inputs['login.store']> action={loginStore()} resetOnError={['password']} noValidate className="grid gap-4">
        {({ errors, processing }) => (
          <>
            <Field label="E-mail address" error={errors.email}>
              {(control) => <input {...control} name="email" type="email" autoComplete="username" autoFocus className="input" />}
            </Field>
            <Field
              label="Password"
              error={errors.password}
              aside={
                <Link href={passwordForgot()} className="link text-sm">
                  Forgot it?
                </Link>
              }
            >
              {(control) => <PasswordInput {...control} name="password" autoComplete="current-password" />}
            </Field>
            <SubmitButton processing={processing}>Log in</SubmitButton>
          </>
        )}
      </Form>
    </GuestCard>
  )
}
