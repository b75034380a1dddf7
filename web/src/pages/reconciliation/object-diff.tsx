import type { ObjectDiffView } from '../../../../src/server/contract/reconciliation.ts'
import { DiffView } from '../../code/index.tsx'
import { useResource } from '../../data/resource.ts'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { shortHash } from '../../ui/revision.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import styles from './reconciliation.module.css'

/** What applying the object again would change: each field as Git wants it and as the cluster has it, and who set it. */
export function AgainstGit({ path }: { path: string }) {
  const { data, error, refetch } = useResource<ObjectDiffView>(`${path}/diff`, { topics: ['reconciliation'] })
  if (error !== null && data === undefined) return <ErrorPanel error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <TextSkeleton lines={6} label="Comparing with Git" />
  const { action, why, against, drifts, live, wanted, message } = data
  if (action === undefined) return <p className={styles.quiet}>{why}</p>
  const at = against === undefined || !/^[0-9a-f]{40}$/.test(against) ? (against ?? 'Git') : shortHash(against)
  if (action === 'unchanged') return <StateBadge state="agreed">The cluster has it as {at} wants it.</StateBadge>
  if (action === 'skip') return <StateBadge state="paused">An annotation keeps it as it is.</StateBadge>
  if (action === 'refused')
    return (
      <div className={styles.stack}>
        <StateBadge state="broken">The API server would refuse it as {at} wants it.</StateBadge>
        <p className={styles.text}>{message}</p>
      </div>
    )
  return (
    <div className={styles.stack}>
      <StateBadge state={action === 'create' ? 'broken' : 'attention'}>
        {action === 'create'
          ? `${at} wants it, and the cluster does not have it.`
          : `${drifts.length === 1 ? 'One field differs' : `${drifts.length} fields differ`} from ${at}.`}
      </StateBadge>
      {drifts.length > 0 && (
        <ul className={styles.drifts} aria-label="Fields that differ">
          {drifts.map(one => (
            <li key={one.path}>
              <code className={styles.path}>{one.path}</code>
              <dl className={styles.sides}>
                <div>
                  <dt>Git wants</dt>
                  <dd>
                    <code>{one.git ?? 'nothing there'}</code>
                  </dd>
                </div>
                <div>
                  <dt>Cluster has</dt>
                  <dd>
                    <code>{one.cluster ?? 'nothing there'}</code>
                  </dd>
                </div>
                {one.manager !== undefined && (
                  <div>
                    <dt>Set by</dt>
                    <dd>
                      <code>{one.manager}</code> {one.at !== undefined && one.at !== '' && <RelativeTime at={one.at} />}
                    </dd>
                  </div>
                )}
              </dl>
            </li>
          ))}
        </ul>
      )}
      {live !== undefined && wanted !== undefined && (
        <DiffView label="The cluster beside Git" before={live} after={wanted} names={['Cluster', `Git at ${at}`]} />
      )}
    </div>
  )
}
