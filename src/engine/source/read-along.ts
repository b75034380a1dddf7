import type { WorkContext } from '../queue/work-queue.ts'
import { type Artifact, isGitTree } from './artifact.ts'
import type { SourceContext } from './context.ts'
import type { SourceHandler, SourceReason } from './handler.ts'
import type { SourceObject } from './sources.ts'
import { timingOf } from './timing.ts'

/**
 * Fetches what a source of another shard stands at, for builds of ours. Its status is the other engine's to write, and so
 * are its events. Gives whether the artifact of its status is on this machine now.
 */
export async function readAlong(
  context: SourceContext,
  handler: SourceHandler,
  source: SourceObject,
  work: WorkContext<SourceReason>,
): Promise<boolean> {
  const artifact = source.status?.artifact
  if (artifact === undefined || source.metadata.deletionTimestamp !== undefined) return false
  const isHere = async (one: Artifact) =>
    (await (handler.check?.(context, source, one) ?? context.storage.check(one))) === 'intact'
  if (await isHere(artifact)) return true
  const { timeoutMs } = timingOf(source).checked()
  const signal = AbortSignal.any([work.closing, AbortSignal.timeout(timeoutMs)])
  const silent = { ...context, emit: () => {} }
  await handler.run({ context: silent, object: source, current: undefined, reasons: work.reasons, signal, timeoutMs })
  if (!(await isHere(artifact))) return false
  if (!isGitTree(artifact)) await context.storage.collect(artifact)
  return true
}
