import { conditionOf } from '../../kube/condition.ts'
import type { EngineContext } from '../context.ts'
import type { SourceOutcome } from './handler.ts'
import type { SourceKindName, SourceObject } from './sources.ts'

/** Waits for another source, told in conditions only: most are the order in which things come up. */
const quiet = new Set(['NoSourceArtifact', 'NoArtifact', 'NotFound'])

/** Tells of a new artifact, of a failure that began, and of its end. */
export function announce(
  context: EngineContext,
  before: SourceObject,
  after: SourceObject,
  outcome: SourceOutcome | undefined,
): void {
  const { namespace = '', name = '' } = after.metadata
  const now = conditionOf(after, 'Ready')
  const then = conditionOf(before, 'Ready')
  const artifact = after.status?.artifact
  const old = before.status?.artifact
  const base = {
    time: context.clock.now(),
    about: { kind: after.kind as SourceKindName, namespace, name },
    ...(artifact === undefined ? {} : { revision: artifact.revision }),
  }
  if (now?.status === 'True' && artifact !== undefined && outcome !== undefined) {
    if (artifact.revision !== old?.revision || artifact.digest !== old?.digest) {
      if (outcome.extra !== undefined) context.emit({ ...base, severity: 'info', ...outcome.extra }, after)
      const reason = outcome.newsReason ?? 'NewArtifact'
      context.emit({ ...base, severity: 'info', reason, message: outcome.news }, after)
    } else if (then?.status === 'False') {
      const reason = outcome.newsReason ?? 'Succeeded'
      context.emit({ ...base, severity: 'info', reason, message: outcome.news }, after)
    }
  } else if (now?.status === 'False' && then?.message !== now.message && !quiet.has(now.reason ?? '')) {
    context.emit({ ...base, severity: 'error', reason: now.reason ?? 'Failed', message: now.message ?? '' }, after)
  }
}
