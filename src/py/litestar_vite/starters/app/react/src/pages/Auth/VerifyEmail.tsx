import { Form, Head, Link } from 'litestar-vite/react'
import { SubmitButton } from '../../components/ui/SubmitButton'
import type { PageProps } from '../../generated/pages.gen'
import { logout, profile, verificationSend } from '../../generated/routes'
import { GuestCard } from '../../layouts/GuestLayout'

export default function VerifyEmail({ email }: PageProps<'Auth/VerifyEmail'>) {
  return (
    <GuestCard
      title="Check your mail"
      text={
        <>
          We sent a link to <strong className="font-semibold break-all text-text">{email}</strong>. Open it to verify your address.
        </>
      }
      footer={
        <>
          <Link href={profile()} className="link">
            Change the address
          </Link>{' '}
          or{' '}
          <Link href={logout()} as="button" className="link">
            log out
          </Link>
        </>
      }
    >
      <Head title="Verify your address" />
      <Form action={verificationSend()} className="grid gap-3">
        {({ processing }) => (
          <>
            <p className="text-sm text-muted">Nothing there? Look into the spam folder, or ask for a new link.</p>
            <SubmitButton processing={processing} className="">
              Send a new link
            </SubmitButton>
          </>
        )}
      </Form>
    </GuestCard>
  )
}
