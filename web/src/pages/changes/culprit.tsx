import type { Culprit } from '../../../../src/server/contract/change-result.ts'
import styles from './changes.module.css'

/** What is to blame: the object, its words, the field and where that stands in Git, and what to do. */
export function CulpritView({ culprit }: { culprit: Culprit }) {
  return (
    <section className={styles.culprit} aria-label={`What is to blame in ${culprit.environment}`}>
      <p className={styles.culpritObject}>
        <code>{culprit.object}</code>
      </p>
      <p>{culprit.message}</p>
      <dl className={styles.culpritFacts}>
        {culprit.field !== undefined && (
          <div>
            <dt>Field</dt>
            <dd>
              <code>{culprit.field}</code>
              {culprit.value !== undefined && (
                <>
                  {' is '}
                  <code>{culprit.value}</code>
                </>
              )}
            </dd>
          </div>
        )}
        {culprit.file !== undefined && (
          <div>
            <dt>In Git</dt>
            <dd>
              <code>
                {culprit.file}
                {culprit.line !== undefined && `:${culprit.line}`}
              </code>
            </dd>
          </div>
        )}
      </dl>
      {culprit.next !== undefined && <p className={styles.culpritNext}>{culprit.next}</p>}
      {culprit.steps.length > 0 && (
        <details className={styles.way}>
          <summary>From the release to there</summary>
          <ol>
            {culprit.steps.map(step => (
              <li key={`${step.object} ${step.says}`}>
                <code>{step.object}</code> {step.says}
              </li>
            ))}
          </ol>
        </details>
      )}
    </section>
  )
}
