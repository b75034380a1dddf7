import { useState } from 'react'
import type { ChartChange, ChartRepositoryView } from '../../../../src/server/contract/charts.ts'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { SecretInput, TextArea, TextInput } from '../../ui/inputs.tsx'
import styles from './charts.module.css'

interface Props {
  readonly repository: ChartRepositoryView
  readonly onReview: (change: ChartChange) => void
  readonly onCancel: () => void
}

/** Another login for a repository: the host is asked with it before the commit is made. */
export function ChangeLogin({ repository, onReview, onCancel }: Props) {
  const { name, url, hasCredentials } = repository
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  return (
    <form
      aria-label={`Login of ${name}`}
      className={styles.stack}
      onSubmit={event => {
        event.preventDefault()
        onReview({ kind: 'login', name, username, password })
      }}
    >
      <Field label="User">
        <TextInput mono autoFocus value={username} onChange={event => setUsername(event.target.value)} />
      </Field>
      <Field label="Password or token" hint={`Sealed before it is written to Git, and sent to ${hostOf(url)} alone.`}>
        <SecretInput stored={false} value={password} onChange={value => setPassword(value ?? '')} />
      </Field>
      <div className={styles.buttons}>
        {hasCredentials && (
          <span className={styles.apart}>
            <Button kind="danger" onClick={() => onReview({ kind: 'login', name })}>
              Remove login
            </Button>
          </span>
        )}
        <Button onClick={onCancel}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={username === '' || password === ''}>
          Review the commit
        </Button>
      </div>
    </form>
  )
}

/** Which charts of a registry are listed: it does not say itself what it has. */
export function NameCharts({ repository, onReview, onCancel }: Props) {
  const { name, url } = repository
  const [text, setText] = useState(repository.charts.join('\n'))
  const charts = text.split(/[\s,]+/).filter(Boolean)
  const same = charts.join(' ') === repository.charts.join(' ')
  return (
    <form
      aria-label={`Charts of ${name}`}
      className={styles.stack}
      onSubmit={event => {
        event.preventDefault()
        onReview({ kind: 'charts', name, charts })
      }}
    >
      <Field label="Charts" hint={`Below ${url}, one a line. Others stay there and can be found by their address.`}>
        <TextArea mono autoFocus rows={5} value={text} onChange={event => setText(event.target.value)} />
      </Field>
      <div className={styles.buttons}>
        <Button onClick={onCancel}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={same}>
          Review the commit
        </Button>
      </div>
    </form>
  )
}

function hostOf(url: string): string {
  return /^[a-z]+:\/\/([^/]+)/.exec(url)?.[1] ?? url
}
