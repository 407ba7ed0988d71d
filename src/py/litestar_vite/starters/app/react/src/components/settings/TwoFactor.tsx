import { ShieldCheck, ShieldOff } from 'lucide-react'
import { Form, usePage } from 'litestar-vite/react'
import { useState } from 'react'
import type { Inputs, SecurityPage, Setup } from '../../generated/pages.gen'
import {
  securityRecoveryCodes,
  securityTwoFactorConfirm,
  securityTwoFactorStart,
  securityTwoFactorStop,
} from '../../generated/routes'
import { Field } from '../ui/Field'
import { Section } from '../ui/Section'
import { SubmitButton } from '../ui/SubmitButton'
import { PasswordModal } from './PasswordModal'

const STEPS = {
  start: { title: 'Turn on two-factor authentication?', action: 'Continue', target: securityTwoFactorStart() },
  stop: { title: 'Turn off two-factor authentication?', action: 'Turn off', target: securityTwoFactorStop() },
  codes: { title: 'Create new recovery codes?', action: 'Create codes', target: securityRecoveryCodes() },
}

export function TwoFactor({ security }: { security: SecurityPage }) {
  const [step, setStep] = useState<keyof typeof STEPS | null>(null)
  const [shown, setShown] = useState<keyof typeof STEPS>('start')
  const codes = usePage().flash?.recovery_codes as string[] | undefined

  function ask(next: keyof typeof STEPS) {
    setShown(next)
    setStep(next)
  }

  return (
    <Section title="Two-factor authentication" text="After your password, the login asks for a code of an app on your phone.">
      {security.setup ? (
        <Confirm setup={security.setup} />
      ) : security.has_two_factor ? (
        <div className="grid gap-5">
          <p className="flex items-center gap-2 text-sm font-medium text-good">
            <ShieldCheck className="size-4" aria-hidden />
            On. {security.recovery_codes_left} recovery codes left.
          </p>
          {codes && <RecoveryCodes codes={codes} />}
          <div className="flex flex-wrap gap-2">
            <button type="button" className="btn" onClick={() => ask('codes')}>
              New recovery codes
            </button>
            <button type="button" className="btn btn-ghost" onClick={() => ask('stop')}>
              Turn off
            </button>
          </div>
        </div>
      ) : (
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="flex items-center gap-2 text-sm text-muted">
            <ShieldOff className="size-4" aria-hidden />
            Off
          </p>
          <button type="button" className="btn" onClick={() => ask('start')}>
            Turn on
          </button>
        </div>
      )}
      <PasswordModal
        isOpen={step !== null}
        onClose={() => setStep(null)}
        text="Please enter your password to go on."
        isDangerous={shown === 'stop'}
        {...STEPS[shown]}
      />
    </Section>
  )
}

function Confirm({ setup }: { setup: Setup }) {
  return (
    <div className="grid gap-6 sm:grid-cols-[auto_minmax(0,1fr)]">
      <img src={setup.qr_code} alt="QR code for the authenticator app" className="size-44 rounded-lg border bg-white" />
      <div className="grid content-start gap-4">
        <p className="text-sm text-muted">
          Scan the code with your authenticator app, or enter this key:{' '}
          <code className="font-mono text-xs break-all text-text">{setup.secret}</code>
        </p>
        <Form<Inputs['security.two-factor.confirm']>
          action={securityTwoFactorConfirm()}
          errorBag="two_factor"
          options={{ preserveScroll: true }}
          noValidate
          className="grid gap-4"
        >
          {({ errors, processing }) => (
            <>
              <Field label="Code in the app" error={errors.code}>
                {(control) => (
                  <input {...control} name="code" inputMode="numeric" autoComplete="one-time-code" maxLength={7} className="input max-w-40" />
                )}
              </Field>
              <SubmitButton processing={processing} className="btn-primary justify-self-start">
                Confirm
              </SubmitButton>
            </>
          )}
        </Form>
      </div>
    </div>
  )
}

function RecoveryCodes({ codes }: { codes: string[] }) {
  return (
    <div className="rounded-lg border bg-sunken p-4">
      <p className="text-sm">
        <strong className="font-semibold">Keep these recovery codes in a safe place.</strong> Each works once, if you lose your
        phone. They are not shown again.
      </p>
      <ul className="mt-3 grid grid-cols-2 gap-1 font-mono text-sm" aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
    </div>
  )
}
