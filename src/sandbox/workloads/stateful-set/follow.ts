import { isAlreadyExists } from '../../../kube/client/index.ts'
import { isFinished, untilAvailable } from '../shared/pods.ts'
import type { ControllerRevision, Pod, PodTemplate, StatefulSet } from '../shared/types.ts'
import { isDeleting, type World } from '../shared/world.ts'
import { claimsOf, ordinalOf, podName, podOf, revisionOfPod } from './identity.ts'

/** The revisions between which a set moves. */
export interface Revisions {
  readonly current: ControllerRevision
  readonly update: ControllerRevision
}

/**
 * One step towards the wanted pods, after the rules of `updateStatefulSet`: up in order and down in reverse, each after
 * the one before it is available; with `podManagementPolicy: Parallel` all at once. Updates go from the highest ordinal
 * down, one at a time in both.
 */
export async function follow(
  world: World,
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: Revisions,
): Promise<void> {
  const ordered = set.spec.podManagementPolicy !== 'Parallel'
  const start = set.spec.ordinals?.start ?? 0
  const end = start + set.spec.replicas
  const byOrdinal = new Map(pods.map(pod => [ordinalOf(set, pod) ?? -1, pod]))
  const usable = (pod: Pod) => !isDeleting(pod) && isAvailable(world, set, pod)
  const work: Promise<unknown>[] = []
  for (let ordinal = start; ordinal < end; ordinal++) {
    const pod = byOrdinal.get(ordinal)
    if (pod && isFinished(pod) && !isDeleting(pod)) work.push(world.write.delete(pod))
    else if (!pod) work.push(make(world, set, ordinal, revisions))
    else if (usable(pod)) continue
    if (ordered) return void (await Promise.all(work))
  }
  const condemned = pods
    .filter(pod => !isWanted(ordinalOf(set, pod), start, end))
    .sort((a, b) => (ordinalOf(set, b) ?? 0) - (ordinalOf(set, a) ?? 0))
  for (const pod of condemned) {
    if (!isDeleting(pod)) work.push(world.write.delete(pod))
    if (ordered) break
  }
  await Promise.all(work)
  if (condemned.length > 0 && ordered) return
  if (work.length === 0) await rollOn(world, set, byOrdinal, start, end, revisions.update, usable)
}

/** Replaces the highest pod that has not the update revision, when all above it serve. */
async function rollOn(
  world: World,
  set: StatefulSet,
  byOrdinal: ReadonlyMap<number, Pod>,
  start: number,
  end: number,
  update: ControllerRevision,
  usable: (pod: Pod) => boolean,
): Promise<void> {
  if (set.spec.updateStrategy?.type === 'OnDelete') return
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0
  for (let ordinal = end - 1; ordinal >= start + partition; ordinal--) {
    const pod = byOrdinal.get(ordinal)
    if (!pod) return
    if (revisionOfPod(pod) !== update.metadata.name && !isDeleting(pod)) return world.write.delete(pod)
    if (!usable(pod)) return
  }
}

async function make(world: World, set: StatefulSet, ordinal: number, { current, update }: Revisions): Promise<void> {
  for (const claim of claimsOf(set, ordinal)) {
    const { namespace = '', name = '' } = claim.metadata
    if (world.get('PersistentVolumeClaim', namespace, name)) continue
    await world.write.create(claim).catch(ignoreExisting)
  }
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0
  const held =
    set.spec.updateStrategy?.type === 'RollingUpdate' && ordinal < (set.spec.ordinals?.start ?? 0) + partition
  const revision = held ? current : update
  const template = held ? templateOf(revision) : set.spec.template
  await world.write.create(podOf(set, template, ordinal, revision.metadata.name ?? '')).catch((error: unknown) => {
    // A pod of that name that is not ours stands in the way: its end brings the next look.
    if (!isAlreadyExists(error) || !world.get('Pod', set.metadata.namespace ?? '', podName(set, ordinal))) throw error
  })
}

function templateOf(revision: ControllerRevision): PodTemplate {
  const { $patch: _, ...template } = revision.data.spec.template
  return template as unknown as PodTemplate
}

function isWanted(ordinal: number | undefined, start: number, end: number): boolean {
  return ordinal !== undefined && ordinal >= start && ordinal < end
}

function isAvailable(world: World, set: StatefulSet, pod: Pod): boolean {
  return untilAvailable(pod, set.spec.minReadySeconds ?? 0, world.now()) === 0
}

function ignoreExisting(error: unknown): void {
  if (!isAlreadyExists(error)) throw error
}
