import { Undo2 } from 'lucide-react'
import type { FleetCluster, SizeHistory } from '../../../../src/server/contract/fleet.ts'
import { useResource } from '../../data/resource.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Revision } from '../../ui/revision.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import styles from './fleet.module.css'
import { clusterApi, sizeWords } from './words.ts'

/** The commits that changed sizes of a cluster, or of one group of it. */
export function SizeHistoryList({
  cluster,
  group,
  onRevert,
}: {
  cluster: Pick<FleetCluster, 'namespace' | 'name'>
  group?: string
  /** Shows what undoing a commit would commit. */
  onRevert?: ((sha: string) => void) | undefined
}) {
  const { data, error } = useResource<SizeHistory>(`${clusterApi(cluster)}/history`, {
    topics: [`fleet/${cluster.namespace}/${cluster.name}`, 'repository'],
  })
  if (error !== null && data === undefined) return <ErrorPanel error={error} />
  if (data === undefined) return <TextSkeleton lines={4} label="Loading the history" />
  const commits = data.commits.filter(one => group === undefined || one.changes.some(change => change.group === group))
  if (commits.length === 0) {
    return (
      <p className={styles.muted}>
        No commit has changed {group === undefined ? 'a size of this cluster' : 'this size'} since it was added to Git.
      </p>
    )
  }
  return (
    <>
      <ol className={styles.history}>
        {commits.map(({ sha, subject, author, date, url, changes }) => (
          <li key={sha}>
            <div className={styles.historyText}>
              <p className={styles.historySizes}>
                {changes
                  .filter(change => group === undefined || change.group === group)
                  .map(change => (
                    <span key={change.group}>
                      {group === undefined && `${change.group} `}
                      {sizeWords(change.from)} → {sizeWords(change.to)}
                    </span>
                  ))}
              </p>
              <Revision
                compact
                hash={sha}
                message={subject}
                author={author}
                at={date}
                {...(url === undefined ? {} : { href: url })}
              />
            </div>
            {onRevert !== undefined && (
              <Button
                small
                kind="plain"
                icon={Undo2}
                aria-label={`Revert ${sha.slice(0, 7)}`}
                onClick={() => onRevert(sha)}
              >
                Revert
              </Button>
            )}
          </li>
        ))}
      </ol>
      {data.more && <p className={styles.muted}>Older commits are in the repository.</p>}
    </>
  )
}
