import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ForgeInfo } from '../../../../src/server/contract/connections.ts'
import { Field } from '../../ui/field.tsx'
import { Select, TextArea, TextInput } from '../../ui/inputs.tsx'
import type { Form } from './form-state.ts'
import styles from './gitops.module.css'

interface PartProps {
  readonly form: Form
  readonly forge: ForgeInfo
  readonly fieldError: (path: string) => string | undefined
  readonly onChange: (settings: Partial<Form['settings']>) => void
}

/** Which repositories are used and made, and how changes come to their branches. */
export function RepositorySettings({ form, forge, fieldError, onChange }: PartProps) {
  const { settings } = form
  const request = forge.requestWord
  const hasApi = form.kind !== 'git'
  const example = settings.repositoryTemplate.replaceAll('{app}', 'web-shop').replaceAll('{project}', 'retail')
  return (
    <>
      {hasApi && (
        <Field
          wide
          label="Fleet repository"
          error={fieldError('settings.repository')}
          hint="The one that the checks look at. One that is not there yet is made when something is put in it."
        >
          <TextInput
            mono
            value={settings.repository}
            onChange={event => onChange({ repository: event.target.value })}
          />
        </Field>
      )}
      <Field wide label="Branch" error={fieldError('settings.branch')}>
        <TextInput mono value={settings.branch} onChange={event => onChange({ branch: event.target.value })} />
      </Field>
      {hasApi && (
        <>
          <Field
            wide
            label="Name of app repositories"
            error={fieldError('settings.repositoryTemplate')}
            hint={
              <>
                The application <code>web-shop</code> of the project <code>retail</code> is kept in{' '}
                <code className={styles.preview}>
                  {settings.owner === '' ? '…' : settings.owner}/{example}
                </code>
              </>
            }
          >
            <TextInput
              mono
              value={settings.repositoryTemplate}
              onChange={event => onChange({ repositoryTemplate: event.target.value })}
            />
          </Field>
          <Field wide label="New repositories are">
            <Select
              value={settings.visibility}
              onChange={event => onChange({ visibility: event.target.value as Form['settings']['visibility'] })}
              options={[
                { value: 'private', label: 'Private' },
                { value: 'internal', label: 'Internal: everybody who is signed in to the host may read them' },
                { value: 'public', label: 'Public: everybody may read them' },
              ]}
            />
          </Field>
        </>
      )}
      {request !== 'none' && (
        <Field wide label="Changes come by">
          <Select
            value={settings.review}
            onChange={event => onChange({ review: event.target.value as Form['settings']['review'] })}
            options={[
              { value: 'auto', label: `A commit, or a ${request} where the branch wants one` },
              { value: 'always', label: `A ${request}, always` },
              { value: 'never', label: 'A commit, always' },
            ]}
          />
        </Field>
      )}
    </>
  )
}

/** How the host is reached, where it is not simply there. */
export function ReachSettings({ form, fieldError, onChange }: PartProps) {
  const { settings } = form
  return (
    <>
      <Field
        wide
        label="CA certificates"
        optional
        error={fieldError('settings.ca')}
        hint="In PEM form; trusted for this host beside those of the system."
      >
        <TextArea
          mono
          rows={4}
          placeholder="-----BEGIN CERTIFICATE-----"
          value={settings.ca ?? ''}
          onChange={event => onChange({ ca: event.target.value })}
        />
      </Field>
      <Field wide label="HTTP proxy" optional error={fieldError('settings.proxy')} hint="Without a user and password.">
        <TextInput
          mono
          placeholder="http://proxy.example.com:3128"
          value={settings.proxy ?? ''}
          onChange={event => onChange({ proxy: event.target.value })}
        />
      </Field>
    </>
  )
}

/** A part of the form that is folded until somebody wants it. */
export function Folded({
  title,
  summary,
  open,
  children,
}: {
  title: string
  summary: string
  open?: boolean
  children: ReactNode
}) {
  return (
    <details className={styles.folded} open={open}>
      <summary>
        <ChevronRight size={16} aria-hidden />
        <span className={styles.foldedTitle}>{title}</span>
        <span className={styles.foldedSummary}>{summary}</span>
      </summary>
      <div className={styles.fields}>{children}</div>
    </details>
  )
}
