import { SluiceError } from '../../base/errors/index.ts'
import { valueAt } from '../../base/json.ts'
import { parseInventoryEntry } from '../../engine/index.ts'
import { clusterKind } from '../../fleet/read-fleet.ts'
import { statusOf } from '../../kube/client/status.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { ObjectRef } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { eksaGroup, type Kustomization } from '../../specs/index.ts'
import { effect, type GitOpsStep } from '../steps.ts'
import type { RemoveContext, RemoveState } from './types.ts'

const patch = { spec: { gitOpsRef: null } }

/** Clears `gitOpsRef` of the clusters that came from Git, where EKS Anywhere lets it be cleared. */
export const gitOpsRefStep: GitOpsStep<RemoveContext, RemoveState> = {
  id: 'gitops-ref',
  title: 'clear gitOpsRef of the clusters',
  async inspect(context, state) {
    const { allowed, notes } = await lookAt(context, state)
    if (allowed.length === 0)
      return { state: 'done', summary: 'no cluster has one that may be cleared', changes: [], notes }
    return {
      state: 'to-do',
      summary: `clear it in ${allowed.length} ${allowed.length === 1 ? 'cluster' : 'clusters'}`,
      changes: allowed.map(ref => ({ kind: 'object', ref, action: 'configure', fields: ['spec.gitOpsRef: none'] })),
      notes,
    }
  },
  async apply(context, state) {
    const { client, signal } = context
    const { allowed } = await lookAt(context, state)
    for (const ref of allowed)
      await effect(context, 'remove.ref', () => client.patch(ref, 'merge', patch, { fieldManager: 'sluice', signal }))
    return `cleared in ${allowed.map(ref => ref.name).join(', ')}`
  },
}

async function lookAt({ client, signal }: RemoveContext, { kustomization }: RemoveState) {
  const allowed: ObjectRef[] = []
  const notes: string[] = []
  for (const entry of (kustomization as Kustomization | undefined)?.status?.inventory?.entries ?? []) {
    const ref = parseInventoryEntry(entry)
    if (ref?.group !== eksaGroup || ref.kind !== clusterKind.kind) continue
    const live = await client.find(ref, { signal })
    if (!live || valueAt(live, ['spec', 'gitOpsRef']) === undefined) continue
    const refusal = await refusalOf(client, ref, signal)
    if (refusal === undefined) allowed.push(ref)
    else notes.push(`Cluster/${nameOf(live)} keeps its gitOpsRef: the cluster refuses the change (${refusal})`)
  }
  return { allowed, notes }
}

/** What the cluster's webhook says against clearing it: a workload cluster keeps its gitOpsRef for ever. */
async function refusalOf(client: KubeClient, ref: ObjectRef, signal: AbortSignal): Promise<string | undefined> {
  try {
    await client.patch(ref, 'merge', patch, { fieldManager: 'sluice', dryRun: true, signal })
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof SluiceError)) throw error
    return statusOf(error)?.message ?? error.facts.seen ?? error.message
  }
}

function nameOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`
}
