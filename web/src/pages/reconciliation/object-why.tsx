import type { WhyView } from '../../../../src/server/contract/reconciliation.ts'
import { useResource } from '../../data/resource.ts'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { shortHash } from '../../ui/revision.tsx'
import { Facts } from '../../ui/section.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import { StateBadge } from '../../ui/state.tsx'
import styles from './reconciliation.module.css'

/** From the object to the cause, step by step, with the culprit and its line in Git. */
export function Why({ path }: { path: string }) {
  const { data, error, refetch } = useResource<WhyView>(`${path}/why`, { topics: ['reconciliation'] })
  if (error !== null && data === undefined) return <ErrorPanel error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <TextSkeleton lines={5} label="Looking for the cause" />
  if (data.ready) return <StateBadge state="agreed">It is ready, and so is all that it waits for.</StateBadge>
  const { steps, culprit, place, next, placeProblem } = data
  return (
    <div className={styles.stack}>
      <ol className={styles.chain} aria-label="From the object to the cause">
        {steps.map(({ object, says }) => (
          <li key={object.id}>
            <code>{[object.kind, object.namespace, object.name].filter(Boolean).join('/')}</code>
            <p className={styles.text}>{says}</p>
          </li>
        ))}
      </ol>
      {/* That it is itself to blame says nothing, where no field of it is named. */}
      {culprit !== undefined && (culprit.field !== undefined || culprit.object.id !== steps[0]?.object.id) && (
        <section className={styles.culprit}>
          <h3 className={styles.head}>Culprit</h3>
          <Facts
            facts={[
              {
                name: 'Object',
                value: <code>{`${culprit.object.kind}/${culprit.object.namespace}/${culprit.object.name}`}</code>,
              },
              ...(culprit.field === undefined ? [] : [{ name: 'Field', value: <code>{culprit.field}</code> }]),
              ...(culprit.value === undefined ? [] : [{ name: 'Value', value: <code>{culprit.value}</code> }]),
              ...(place === undefined
                ? []
                : [
                    {
                      name: 'In Git',
                      value: (
                        <code>
                          {place.path}:{place.line} at {shortHash(place.commit)}
                        </code>
                      ),
                    },
                  ]),
            ]}
          />
        </section>
      )}
      {next !== undefined && <p className={styles.next}>{next}</p>}
      {placeProblem !== undefined && <p className={styles.quiet}>The line in Git was not found: {placeProblem}</p>}
    </div>
  )
}
