import { formatDuration } from '../../base/duration.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'

type Snapshot = NonNullable<NonNullable<Kustomization['status']>['history']>[number]

/** Snapshots kept (Flux: meta.History). */
const most = 5

/** One result to remember. */
export interface HistoryEntry {
  /** Digest of what was built. */
  readonly digest: string
  /** The condition reason that it ended with. */
  readonly status: string
  readonly revision: string
  readonly at: Date
  readonly durationMs: number
}

/** The history with one more result, newest first; a result of the same digest and status is counted up instead. */
export function withResult(history: readonly Snapshot[] | undefined, entry: HistoryEntry): Snapshot[] {
  const time = `${entry.at.toISOString().slice(0, 19)}Z`
  const same = (snapshot: Snapshot) =>
    snapshot.digest === entry.digest && snapshot.lastReconciledStatus === entry.status
  const before = history?.find(same)
  const snapshot: Snapshot = {
    digest: entry.digest,
    firstReconciled: before?.firstReconciled ?? time,
    lastReconciled: time,
    lastReconciledDuration: formatDuration(Math.round(entry.durationMs)),
    lastReconciledStatus: entry.status,
    metadata: { revision: entry.revision },
    totalReconciliations: (before?.totalReconciliations ?? 0) + 1,
  }
  return [snapshot, ...(history ?? []).filter(old => !same(old))].slice(0, most)
}
