import { Play } from 'lucide-react'
import type { FleetAddStart } from '../../../../../src/server/contract/fleet-add.ts'
import type { Job } from '../../../../../src/server/contract/live.ts'
import { resourceKey, useChange } from '../../../data/resource.ts'
import { Button } from '../../../ui/button.tsx'
import { ErrorPanel } from '../../../ui/error-panel.tsx'
import { RelativeTime } from '../../../ui/time.tsx'
import styles from './add.module.css'

/** Plans that were begun and did not come to their end: each can go on, or be forgotten. */
export function Unfinished({
  start,
  current,
  onJob,
}: {
  start: FleetAddStart
  /** The plan that is on the page already. */
  current: string | undefined
  onJob: (plan: string, job: string) => void
}) {
  const goOn = useChange<Job, string>(plan => ({ path: '/fleet/add/apply', body: { plan } }), {
    onDone: (job, plan) => onJob(plan, job.id),
  })
  const forget = useChange<undefined, string>(
    plan => ({ path: `/fleet/add/plans/${encodeURIComponent(plan)}`, method: 'DELETE' }),
    { stale: [resourceKey('/fleet/add')] },
  )
  const others = start.unfinished.filter(one => one.plan !== current)
  if (others.length === 0) return null
  const error = goOn.error ?? forget.error
  return (
    <>
      <ul className={styles.unfinished} aria-label="Begun and not done">
        {others.map(one => (
          <li key={one.plan}>
            <p>
              {one.target}{' '}
              <span className={styles.quiet}>
                {one.running ? 'is under way' : 'was ended midway'}, begun by {one.by} <RelativeTime at={one.at} />
              </span>
            </p>
            <span className={styles.bar}>
              {!one.running && (
                <Button small kind="plain" onClick={() => forget.mutate(one.plan)}>
                  Forget
                </Button>
              )}
              <Button small icon={Play} busy={goOn.isPending} onClick={() => goOn.mutate(one.plan)}>
                {one.running ? 'Follow' : 'Go on'}
              </Button>
            </span>
          </li>
        ))}
      </ul>
      {error !== null && <ErrorPanel error={error} />}
    </>
  )
}
