import type { KubeClient } from '../../kube/client/types.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { type Decryption, decryptionOf } from '../decrypt/decryption.ts'
import { StepFailure } from '../failure.ts'
import { evaluateReady, HealthRules } from '../health/expressions.ts'
import { type IgnoreRule, ignoreRules } from '../ignore/rules.ts'
import { digestOf } from '../live/fingerprint.ts'
import { type Target, targetOf } from '../remote/target.ts'
import { buildObjects } from './build.ts'
import type { KustomizationContext } from './context.ts'
import { dependenciesOf, unreadyDependency } from './dependencies.ts'
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
  /** Fields that are left to the cluster. */
  readonly ignore: readonly IgnoreRule[]
  readonly source: ResolvedSource
  readonly variables: Variables
  readonly decryption: Decryption
  readonly target: Target
  /** Whom to act as; undefined for the engine itself. */
  readonly user: string | undefined
}

/** The client that the objects are read and written with: of their cluster, as whom the Kustomization acts. */
export function actingClient({ target, user }: Preparation): KubeClient {
  return user === undefined ? target.client : target.client.as(user)
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
  const ignore = ignoreRules(object.spec.ignore)
  const { tenancy } = context.engine
  checkReferences(context, object)
  const user = tenancy.userOf(object, object.spec.serviceAccountName)
  const source = await patiently(context, memory, () => resolveSource(sourceRefOf(object), context.sources))
  await patiently(context, memory, async () => checkDependencies(context, object, source.revision))
  memory.waitingSince = undefined
  const read = context.readVariables(object)
  const decryption = await decryptionOf(object, read)
  const variables = await collectVariables(object, read)
  const target = await targetOf(context.engine, object, read)
  return { timing, rules, ignore, source, variables, decryption, target, user: actingUser(object, user) }
}

/** A kubeconfig is somebody's own identity already: only an account that is named is acted as beside it. */
export function actingUser({ spec }: Kustomization, user: string | undefined): string | undefined {
  return spec.kubeConfig === undefined || spec.serviceAccountName ? user : undefined
}

/** Sources of other namespaces are out of reach unless the engine allows it, and so are expressions over others' objects. */
function checkReferences({ engine }: KustomizationContext, object: Kustomization): void {
  engine.tenancy.checkReference(object, sourceRefOf(object))
  for (const { namespace, name, readyExpr } of dependenciesOf(object)) {
    if (readyExpr !== undefined) engine.tenancy.checkReference(object, { kind: 'Kustomization', namespace, name })
  }
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
    before.inputs.variables === inputDigest(prepared) &&
    (before.artifact === prepared.source.digest || (await before.inputs.reads.matches(prepared.source.tree)))
  )
}

/** Digest of what goes into a build beside the files. */
function inputDigest({ variables, decryption }: Preparation): string {
  return `${variables.digest} ${decryption.digest}`
}

/** What a build gave, and from what. */
export interface Build {
  readonly objects: readonly KubeObject[]
  readonly inputs: BuildInputs
  /** Digest of the objects. */
  readonly digest: string
}

/** Builds the objects: Flux's steps 7 to 11. */
export async function runBuild(object: Kustomization, prepared: Preparation): Promise<Build> {
  const { source, variables, decryption } = prepared
  const folder = pathInSource(object.spec.path)
  const reads = new ReadLog(folder, (await source.tree.entry(folder))?.digest)
  const tree = new RecordingTree(source.tree, reads)
  await checkPath(tree, folder, object.spec.path)
  const objects = await buildObjects(tree, folder, object, variables, decryption)
  const inputs = { generation: object.metadata.generation ?? 0, reads, variables: inputDigest(prepared) }
  return { objects, inputs, digest: `sha256:${digestOf(objects)}` }
}
