import type { KubeObject } from '../../kube/object.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { StepFailure } from '../failure.ts'
import { evaluateReady, HealthRules } from '../health/expressions.ts'
import { digestOf } from '../live/fingerprint.ts'
import { buildObjects } from './build.ts'
import type { KustomizationContext } from './context.ts'
import { unreadyDependency } from './dependencies.ts'
import { sourceRefOf, type Timing, timingOf } from './facts.ts'
import type { BuildInputs, Memory } from './memory.ts'
import { checkPath, pathInSource } from './path.ts'
import { ReadLog, RecordingTree } from './read-log.ts'
import { type ResolvedSource, resolveSource } from './source.ts'
import { refuseUnsupported } from './unsupported.ts'
import { collectVariables, type Variables } from './variables.ts'

/** How long a source or dependency that is being worked on may take before the status says that it is waited for. */
const graceMs = 1000

/** Everything that a reconcile decides before it builds. */
export interface Preparation {
  readonly timing: Timing
  readonly rules: HealthRules
  readonly source: ResolvedSource
  readonly variables: Variables
}

/** A source or dependency is not ready, and its edge will fire soon: nothing is said about it yet. */
export class WaitQuietly extends Error {}

/** Checks the spec, resolves the source, the dependencies and the variables: Flux's steps 1 to 4. */
export async function prepare(
  context: KustomizationContext,
  object: Kustomization,
  memory: Memory,
): Promise<Preparation> {
  const timing = timingOf(object)
  const rules = new HealthRules(object.spec.healthCheckExprs)
  refuseUnsupported(object)
  const source = await patiently(context, memory, () => resolveSource(sourceRefOf(object), context.sources))
  await patiently(context, memory, async () => checkDependencies(context, object, source.revision))
  memory.waitingSince = undefined
  const variables = await collectVariables(object, context.readVariables(object))
  return { timing, rules, source, variables }
}

function checkDependencies(context: KustomizationContext, object: Kustomization, revision: string): void {
  const unready = unreadyDependency(object, revision, context.findKustomization, evaluateReady)
  if (unready === undefined) return
  if (unready.cycle) throw new StepFailure('DependencyNotReady', unready.message, { stalled: true })
  throw new StepFailure('DependencyNotReady', unready.message, { retryMs: 30_000 })
}

/** Keeps quiet about a failure that is probably over in a moment: most are the order in which things come up. */
async function patiently<T>(context: KustomizationContext, memory: Memory, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    if (error instanceof StepFailure && error.options.stalled) throw error
    const now = context.engine.clock.monotonic()
    memory.waitingSince ??= now
    if (now - memory.waitingSince < graceMs) throw new WaitQuietly()
    throw error
  }
}

/** Whether a build of these inputs would give what was built and applied last. */
export async function sameBuild(memory: Memory, object: Kustomization, prepared: Preparation): Promise<boolean> {
  const before = memory.applied
  return (
    before !== undefined &&
    before.inputs.generation === object.metadata.generation &&
    before.inputs.variables === prepared.variables.digest &&
    (before.revision === prepared.source.revision || (await before.inputs.reads.matches(prepared.source.tree)))
  )
}

/** What a build gave, and from what. */
export interface Build {
  readonly objects: readonly KubeObject[]
  readonly inputs: BuildInputs
  /** Digest of the objects. */
  readonly digest: string
}

/** Builds the objects: Flux's steps 7 to 11. */
export async function runBuild(object: Kustomization, { source, variables }: Preparation): Promise<Build> {
  const folder = pathInSource(object.spec.path)
  const reads = new ReadLog(folder, (await source.tree.entry(folder))?.digest)
  const tree = new RecordingTree(source.tree, reads)
  await checkPath(tree, folder, object.spec.path)
  const objects = await buildObjects(tree, folder, object, variables)
  const inputs = { generation: object.metadata.generation ?? 0, reads, variables: variables.digest }
  return { objects, inputs, digest: `sha256:${digestOf(objects)}` }
}
