import { Form, Head, Link } from 'litestar-vite/react'
import { Field } from '../../components/ui/Field'
import { PasswordInput } from '../../components/ui/PasswordInput'
import { SubmitButton } from '../../components/ui/SubmitButton'
import type { Inputs, PageProps } from '../../generated/pages.gen'
import { passwordForgot, passwordStore } from '../../generated/routes'
import { GuestCard } from '../../layouts/GuestLayout'

export default function ResetPassword({ token, is_valid }: PageProps<'Auth/ResetPassword'>) {
  if (!is_valid) {
    return (
      <GuestCard
        title="This link does not work"
        text="It has expired, or it was used already."
        footer={
          <Link href={passwordForgot()} className="link">
            Send a new link
          </Link>
        }
      />
    )
  }
  return (
    <GuestCard title="Choose a new password">
      <Head title="New password" />
      <Form<Inputs['password.store']> action={passwordStore()} noValidate className="grid gap-4">
        {({ errors, processing }) => (
          <>
            <input type="hidden" name="token" value={token} />
            <Field label="New password" error={errors.password} hint="At least 8 characters.">
              {(control) => <PasswordInput {...control} name="password" autoComplete="new-password" autoFocus />}
            </Field>
            <SubmitButton processing={processing}>Save the password</SubmitButton>
          </>
        )}
      </Form>
    </GuestCard>
  )
}
