import { useState } from 'react'
import type { ConnectionView, ForgeInfo } from '../../../../src/server/contract/connections.ts'
import { Button } from '../../ui/button.tsx'
import { RadioCards } from '../../ui/choices.tsx'
import { Field, useFieldProps } from '../../ui/field.tsx'
import { SecretInput, TextArea, TextInput } from '../../ui/inputs.tsx'
import { SafeLink } from '../../ui/safe-link.tsx'
import { type Form, keepsSecret } from './form-state.ts'
import styles from './gitops.module.css'
import { hostNames, tokenPageOf } from './hosts.ts'

/** The token or key, and the name that goes with it. Secrets go to the server once, and never come back. */
export function SecretFields({
  form,
  forge,
  saved,
  cleared,
  fieldError,
  onChange,
}: {
  form: Form
  forge: ForgeInfo
  saved: ConnectionView | undefined
  /** Whether a secret that was typed went away because the host changed. */
  cleared: boolean
  fieldError: (path: string) => string | undefined
  onChange: (change: Partial<Form>) => void
}) {
  const stored = keepsSecret(form, saved)
  const noun = form.signIn === 'ssh' ? 'key' : 'token'
  const why =
    saved !== undefined && !stored
      ? `The stored secret is for ${saved.host} and goes nowhere else: give one for this host.`
      : cleared
        ? `The ${noun} is cleared, because the host changed: one that was given for a host is never sent to another.`
        : undefined
  const page = tokenPageOf(forge.tokenPage, form.host)
  return (
    <>
      {forge.credentials.length > 1 && (
        <Field wide label="Sign in with">
          <RadioCards
            label="Sign in with"
            columns={2}
            value={form.signIn}
            onChange={signIn => onChange({ signIn })}
            choices={[
              { value: 'token', title: 'Password or token', text: 'For addresses that begin with https://' },
              { value: 'ssh', title: 'SSH key', text: 'For ssh:// and git@host:path' },
            ]}
          />
        </Field>
      )}
      {(forge.wantsUsername || (form.settings.username ?? '') !== '') && form.signIn === 'token' && (
        <Field
          wide
          label="User"
          optional
          error={fieldError('settings.username')}
          hint={
            form.kind === 'bitbucket'
              ? 'The e-mail address of the account, with an API token; empty with an access token.'
              : 'The name that goes with the token, where the server wants one.'
          }
        >
          <TextInput
            value={form.settings.username ?? ''}
            onChange={event => onChange({ settings: { ...form.settings, username: event.target.value } })}
          />
        </Field>
      )}
      {form.signIn === 'token' ? (
        <Field
          wide
          label="Token"
          error={fieldError('credential.token')}
          hint={why ?? (stored ? 'A new one replaces the stored one only when you save.' : undefined)}
          aside={
            page === undefined ? undefined : (
              <SafeLink href={page}>
                {page.includes('scopes=')
                  ? `Make one on ${hostNames[form.kind]}, with the rights chosen`
                  : `Make one on ${hostNames[form.kind]}`}
              </SafeLink>
            )
          }
        >
          <SecretInput stored={stored} value={form.token} onChange={token => onChange({ token })} />
        </Field>
      ) : (
        <>
          <Field wide label="Private key" error={fieldError('credential.privateKey')} hint={why ?? 'In OpenSSH form.'}>
            <SecretArea stored={stored} value={form.privateKey} onChange={privateKey => onChange({ privateKey })} />
          </Field>
          {(!stored || form.privateKey !== undefined) && (
            <Field wide label="Passphrase" optional>
              <SecretInput
                stored={false}
                value={form.passphrase}
                onChange={passphrase => onChange({ passphrase: passphrase ?? '' })}
              />
            </Field>
          )}
          <Field
            wide
            label="Known hosts"
            error={fieldError('settings.knownHosts')}
            hint="What proves the server to Sluice: the lines that ssh-keyscan prints, compared with what its owner publishes."
          >
            <TextArea
              mono
              rows={3}
              value={form.settings.knownHosts ?? ''}
              onChange={event => onChange({ settings: { ...form.settings, knownHosts: event.target.value } })}
            />
          </Field>
        </>
      )}
    </>
  )
}

/** A secret of several lines. A stored one is never shown. */
function SecretArea({
  stored,
  value,
  onChange,
}: {
  stored: boolean
  value: string | undefined
  onChange: (value: string | undefined) => void
}) {
  const field = useFieldProps()
  const [asked, setAsked] = useState(false)
  if (stored && value === undefined) {
    return (
      <span className={styles.storedKey}>
        <span aria-hidden>••••••••••••</span>
        <span className="visually-hidden">stored, not shown</span>
        <Button
          small
          {...field}
          aria-label="Replace the stored one"
          onClick={() => {
            setAsked(true)
            onChange('')
          }}
        >
          Replace
        </Button>
      </span>
    )
  }
  return (
    <span className={styles.secretArea}>
      <TextArea
        mono
        rows={5}
        autoComplete="off"
        autoFocus={asked}
        value={value ?? ''}
        onChange={event => onChange(event.target.value)}
      />
      {stored && (
        <Button kind="plain" small onClick={() => onChange(undefined)}>
          Keep the stored one
        </Button>
      )}
    </span>
  )
}
