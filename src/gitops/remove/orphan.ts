import { SluiceError } from '../../base/errors/index.ts'
import { valueAt } from '../../base/json.ts'
import { kustomizationKind } from '../../fleet/read-fleet.ts'
import type { KubeObject } from '../../kube/object.ts'
import { effect, type GitOpsStep } from '../steps.ts'
import type { RemoveContext, RemoveState } from './types.ts'

const tries = 20
const pauseMs = 250

/**
 * Makes the Kustomization let go of its objects: suspended, so that it applies nothing more, itself included; without
 * pruning; and with the policy that leaves everything. Only then may it be deleted.
 */
export const orphanStep: GitOpsStep<RemoveContext, RemoveState> = {
  id: 'orphan',
  title: 'let go of what is applied',
  async inspect({ namespace }, { kustomization }) {
    if (!kustomization) return { state: 'done', summary: 'the Kustomization is gone', changes: [] }
    if (isOrphaned(kustomization))
      return { state: 'done', summary: 'pruning is off, and nothing is applied', changes: [] }
    const ref = { ...kustomizationKind, namespace, name: namespace }
    const fields = ['spec.suspend: true', 'spec.prune: false', 'spec.deletionPolicy: Orphan']
    return {
      state: 'to-do',
      summary: 'turn pruning off and suspend the Kustomization, so that it takes nothing with it',
      changes: [{ kind: 'object', ref, action: 'configure', fields }],
    }
  },
  async apply(context, state) {
    const { client, namespace, clock, signal } = context
    const ref = { ...kustomizationKind, namespace, name: namespace }
    const patch = { spec: { suspend: true, prune: false, deletionPolicy: 'Orphan' } }
    for (let i = 0; ; i++) {
      await effect(context, 'remove.orphan', () =>
        client.patch(ref, 'merge', patch, { fieldManager: 'sluice', signal }),
      )
      // A reconcile that was under way applies the Kustomization itself, too, as Git has it.
      await clock.sleep(pauseMs, signal)
      const live = await client.get(ref, { signal })
      state.kustomization = live
      if (isOrphaned(live)) return 'pruning is off, and nothing is applied any more'
      if (i === tries)
        throw new SluiceError('E_GITOPS_NOT_ORPHANED', {
          object: `Kustomization/${namespace}/${namespace}`,
          expected: 'spec.suspend: true and spec.prune: false',
          seen: `spec.suspend: ${valueAt(live, ['spec', 'suspend'])} and spec.prune: ${valueAt(live, ['spec', 'prune'])}`,
        })
    }
  },
}

/** Engines that know no `deletionPolicy` drop it: the other two are enough for every version of Flux. */
export function isOrphaned(kustomization: KubeObject): boolean {
  return valueAt(kustomization, ['spec', 'suspend']) === true && valueAt(kustomization, ['spec', 'prune']) === false
}
