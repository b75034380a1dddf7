import type { ApplicationView } from '../../../../src/server/contract/applications.ts'
import { cx } from '../../ui/class-names.ts'
import styles from './applications.module.css'

/** Chooses the environment that a view shows; `''` is the base. */
export function ScopeSelect({
  app,
  value,
  onChange,
  base,
}: {
  app: ApplicationView
  value: string
  onChange: (value: string) => void
  base: boolean
}) {
  const choices = [
    ...(base ? [{ value: '', title: 'Base' }] : []),
    ...app.deployments.map(d => ({ value: d.environment, title: d.title })),
  ]
  return (
    <fieldset className={styles.scopes} aria-label="Environment">
      {choices.map(choice => (
        <button
          key={choice.value}
          type="button"
          aria-pressed={choice.value === value}
          className={cx(styles.scope, choice.value === value && styles.scopeOn)}
          onClick={() => onChange(choice.value)}
        >
          {choice.title}
        </button>
      ))}
    </fieldset>
  )
}
