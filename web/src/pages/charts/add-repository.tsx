import { useId, useState } from 'react'
import type { ChartRepositoryCheck, ChartRepositoryWish } from '../../../../src/server/contract/charts.ts'
import { useChange } from '../../data/resource.ts'
import { Button } from '../../ui/button.tsx'
import { Checklist } from '../../ui/checklist.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'
import { SecretInput, TextArea, TextInput } from '../../ui/inputs.tsx'
import styles from './charts.module.css'

/** Asks for a repository, tries it before anything is written, then hands it on to the review of the commit. */
export function AddRepository({ onReview }: { onReview: (wish: ChartRepositoryWish) => void }) {
  const id = useId()
  const [name, setName] = useState('')
  const [url, setUrl] = useState('')
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [charts, setCharts] = useState('')
  const oci = url.startsWith('oci://')
  const wish: ChartRepositoryWish = {
    name,
    url: url.trim(),
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    charts: oci ? charts.split(/[\s,]+/).filter(Boolean) : [],
  }
  const check = useChange<ChartRepositoryCheck, ChartRepositoryWish>(body => ({
    path: '/charts/repositories/check',
    body,
  }))
  const badName = name !== '' && !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)
  const checked =
    check.data !== undefined && JSON.stringify(check.variables) === JSON.stringify(wish) ? check.data : undefined
  const complete = name !== '' && !badName && /^(https?|oci):\/\/./.test(wish.url)
  return (
    <form
      id={id}
      className={styles.stack}
      onSubmit={event => {
        event.preventDefault()
        if (checked?.ok) onReview(wish)
        else if (complete) check.mutate(wish)
      }}
    >
      <Field label="Address" hint="https://… for a repository with an index, oci://… for a registry.">
        <TextInput
          mono
          value={url}
          placeholder="https://charts.example.org"
          onChange={event => {
            const next = event.target.value
            setUrl(next)
            if (name === '' || name === nameOf(url)) setName(nameOf(next))
          }}
        />
      </Field>
      <Field label="Name" error={badName ? 'lower-case letters, digits and hyphens' : undefined}>
        <TextInput mono value={name} maxLength={63} onChange={event => setName(event.target.value)} />
      </Field>
      {oci && (
        <Field
          label="Charts"
          hint="A registry does not list what it has: name the charts below the address, one a line."
        >
          <TextArea mono rows={3} value={charts} onChange={event => setCharts(event.target.value)} />
        </Field>
      )}
      <Field label="User" optional hint="For repositories that want a login.">
        <TextInput mono value={username} onChange={event => setUsername(event.target.value)} />
      </Field>
      <Field label="Password or token" optional hint="Sealed before it is written to Git. It is never shown again.">
        <SecretInput stored={false} value={password} onChange={value => setPassword(value ?? '')} />
      </Field>
      {checked !== undefined && (
        <Checklist label="Checks of the repository" steps={checked.checks.map(c => ({ ...c, who: 'The host' }))} />
      )}
      {check.error !== null && <ErrorPanel error={check.error} />}
      <div className={styles.buttons}>
        {checked?.ok ? (
          <Button kind="primary" type="submit">
            Review the commit
          </Button>
        ) : (
          <Button kind="primary" type="submit" disabled={!complete} busy={check.isPending}>
            Check repository
          </Button>
        )}
      </div>
    </form>
  )
}

/** A name out of the address: its last telling part. */
export function nameOf(url: string): string {
  const host = /^[a-z]+:\/\/([^/?#]+)([^?#]*)/i.exec(url.trim())
  if (host === null) return ''
  const path = host[2]!.split('/').filter(Boolean).at(-1)
  const labels = host[1]!.split('@').at(-1)!.split(':')[0]!.split('.')
  const word = path ?? (labels.length > 2 && /^(charts|helm|www)$/.test(labels[0]!) ? labels[1]! : labels[0]!)
  return word
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
}
