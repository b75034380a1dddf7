import { ArrowRight } from 'lucide-react'
import { Link } from 'wouter'
import type { ConnectionView } from '../../../../../src/server/contract/connections.ts'
import type { FleetAddCheck, WishProblem } from '../../../../../src/server/contract/fleet-add.ts'
import { Checkbox } from '../../../ui/choices.tsx'
import { Field } from '../../../ui/field.tsx'
import { Select, TextInput } from '../../../ui/inputs.tsx'
import { hostNames } from '../../gitops/hosts.ts'
import styles from './add.module.css'
import { type Form, problemIn } from './wish.ts'

/** By which connection, and where in Git; with the address as it will be. */
export function Place({
  form,
  connections,
  check,
  onChange,
}: {
  form: Form
  connections: readonly ConnectionView[]
  check: FleetAddCheck | undefined
  onChange: (change: Partial<Form>) => void
}) {
  const connection = connections.find(one => one.id === form.connection)
  const error = (field: WishProblem['field']): string | undefined => problemIn(check, field)
  const place = check?.place
  const isSpecs = form.what === 'specs'
  const settings = connection?.settings
  return (
    <div className={styles.stack}>
      <div className={styles.two}>
        <Field
          label="Connection"
          error={error('connection')}
          hint={
            connections.length === 0 ? (
              <>
                No connection is proven yet.{' '}
                <Link href="/gitops" className={styles.inText}>
                  Open GitOps
                </Link>
              </>
            ) : (
              'Those that are proven. Commits are by you, pushed with its credential.'
            )
          }
        >
          <Select
            value={form.connection}
            onChange={event => onChange({ connection: event.target.value })}
            options={
              connections.length === 0
                ? [{ value: '', label: 'None' }]
                : connections.map(one => ({ value: one.id, label: `${one.name} (${hostNames[one.kind]})` }))
            }
          />
        </Field>
        {!isSpecs && connection?.kind !== 'git' && (
          <Field
            label="Repository"
            error={error('repository')}
            hint={form.what === 'any' ? 'owner/name. It is made when it is not there.' : 'owner/name'}
          >
            <TextInput
              mono
              value={form.repository}
              placeholder={settings === undefined ? '' : `${settings.owner}/${settings.repository}`}
              onChange={event => onChange({ repository: event.target.value })}
            />
          </Field>
        )}
        {!isSpecs && (
          <Field label="Branch" error={error('branch')}>
            <TextInput
              mono
              value={form.branch}
              placeholder={settings?.branch ?? ''}
              onChange={event => onChange({ branch: event.target.value })}
            />
          </Field>
        )}
        {form.what === 'any' && (
          <Field label="Folder" error={error('path')} hint="What stands in it, and below, is applied to the cluster.">
            <TextInput
              mono
              value={form.path}
              placeholder={`clusters/${form.name.trim() === '' ? 'NAME' : form.name.trim()}`}
              onChange={event => onChange({ path: event.target.value })}
            />
          </Field>
        )}
      </div>
      <p className={styles.address} role="status" aria-label="Where it goes">
        {place === undefined ? (
          <span className={styles.quiet}>
            {isSpecs ? 'The specs say where: it is shown here once they can be read.' : 'The address is shown here.'}
          </span>
        ) : (
          <>
            <code>{place.url}</code>
            <span className={styles.quiet}>branch</span>
            <code>{place.branch}</code>
            {form.what !== 'import' && (
              <>
                <ArrowRight size={14} aria-hidden />
                <code>{place.path === '' || place.path === '.' ? '/' : place.path}</code>
              </>
            )}
            {place.fixed && <span className={styles.quiet}>as the specs say; change it there</span>}
          </>
        )}
      </p>
      <details className={styles.more}>
        <summary>How it is done</summary>
        <div className={styles.options}>
          <Checkbox
            label="By pull request"
            hint="Also where the branch takes pushes. It waits until somebody has merged it."
            checked={form.byRequest}
            onChange={byRequest => onChange({ byRequest })}
          />
          {form.what !== 'import' && (
            <Checkbox
              label="Let the cluster fetch with the connection's token"
              hint="Otherwise it gets a deploy key of its own where the host has them."
              checked={form.tokenAuth}
              onChange={tokenAuth => onChange({ tokenAuth })}
            />
          )}
        </div>
      </details>
    </div>
  )
}
