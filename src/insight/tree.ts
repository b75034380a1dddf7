import { valueAt } from '../base/json.ts'
import { type InventoryEntry, parseInventoryEntry } from '../engine/index.ts'
import { fluxKindOf } from '../fleet/flux-kinds.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { conditionOf } from '../kube/condition.ts'
import { computeHealth } from '../kube/health/index.ts'
import { type ObjectRef, refKey, refOf } from '../kube/identity.ts'
import type { KubeObject } from '../kube/object.ts'

/** An object and what it put into the cluster. */
export interface TreeNode {
  readonly ref: ObjectRef
  /** kstatus, in its words; `Missing` when the inventory names it and the cluster has it not. */
  readonly status: 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'Unknown' | 'Missing' | 'Suspended'
  /** Why, when it is not Current. */
  readonly message?: string
  readonly children: readonly TreeNode[]
}

/** Objects asked for at once. */
const parallel = 16
/** Appliers within appliers: deeper ones are cut. */
const maxDepth = 20

/**
 * What a Kustomization or HelmRelease manages, by its inventory, with the health of each object; Kustomizations and
 * HelmReleases below it are opened in their turn. A cycle is shown once.
 */
export async function readTree(client: KubeClient, root: KubeObject, signal: AbortSignal): Promise<TreeNode> {
  const seen = new Set<string>()
  let running = 0
  const waiting: (() => void)[] = []
  const find = async (ref: ObjectRef): Promise<KubeObject | undefined> => {
    if (running >= parallel) await new Promise<void>(go => waiting.push(go))
    running++
    try {
      return await client.find(ref, { signal })
    } finally {
      running--
      waiting.shift()?.()
    }
  }
  const open = async (ref: ObjectRef, object: KubeObject | undefined, depth: number): Promise<TreeNode> => {
    const isNew = !seen.has(refKey(ref))
    seen.add(refKey(ref))
    const entries = object && isNew && depth < maxDepth && fluxKindOf(ref)?.role === 'applier' ? inventory(object) : []
    // Others of the same inventory must not open an object a second time.
    const refs = entries.map(parseInventoryEntry).filter(one => one !== undefined)
    const children = await Promise.all(refs.map(async one => open(one, await find(one), depth + 1)))
    return { ref, ...state(object), children: children.sort(byName) }
  }
  return await open(refOf(root), root, 0)
}

function inventory(object: KubeObject): InventoryEntry[] {
  const entries = valueAt(object, ['status', 'inventory', 'entries'])
  return Array.isArray(entries) ? (entries as InventoryEntry[]) : []
}

function state(object: KubeObject | undefined): Pick<TreeNode, 'status' | 'message'> {
  if (!object) return { status: 'Missing', message: 'it is in the inventory, but not in the cluster' }
  if (valueAt(object, ['spec', 'suspend']) === true && fluxKindOf(refOf(object)))
    return { status: 'Suspended', message: 'nothing is done until it is resumed' }
  const health = computeHealth(object, { jobs: 'flux' })
  const status = health.status === 'NotFound' ? 'Missing' : health.status
  if (status === 'Current') return { status }
  const message = conditionOf(object, 'Ready')?.message ?? health.message
  return { status, ...(message === '' ? {} : { message }) }
}

function byName(a: TreeNode, b: TreeNode): number {
  const key = ({ ref }: TreeNode) => `${ref.kind}/${ref.namespace}/${ref.name}`
  return key(a) < key(b) ? -1 : 1
}
