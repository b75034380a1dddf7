import { SluiceError } from '../../base/errors/index.ts'
import { valueAt } from '../../base/json.ts'
import { reconciledKinds } from '../../fleet/flux-kinds.ts'
import { gitRepositoryKind, kustomizationKind, listIfKnown } from '../../fleet/read-fleet.ts'
import { sourceRefOf } from '../../fleet/source-ref.ts'
import type { KubeObject } from '../../kube/object.ts'
import { inventoryUids } from '../move/uids.ts'
import type { GitOpsStep } from '../steps.ts'
import type { RemoveContext, RemoveState } from './types.ts'

/** Looks at what follows Git. It writes nothing. */
export const checkStep: GitOpsStep<RemoveContext, RemoveState> = {
  id: 'check',
  title: 'look at what follows Git',
  async inspect(context, state) {
    const { client, namespace, signal } = context
    const at = { namespace, name: namespace }
    state.source = await client.find({ ...gitRepositoryKind, ...at }, { signal })
    state.kustomization = await client.find({ ...kustomizationKind, ...at }, { signal })
    const secret = valueAt(state.source, ['spec', 'secretRef', 'name'])
    const name = typeof secret === 'string' ? secret : 'flux-system'
    state.secret = await client.find({ group: '', version: 'v1', kind: 'Secret', namespace, name }, { signal })
    const { source, kustomization } = state
    if (!source && !kustomization && !state.secret)
      throw new SluiceError('E_FLEET_NO_SYNC', { object: client.server, seen: `none in the namespace ${namespace}` })
    await refuseOthers(context)
    state.uids = kustomization ? await inventoryUids(client, kustomization, signal) : new Map()
    const url = valueAt(source, ['spec', 'url'])
    const what = typeof url === 'string' ? `the cluster follows ${url}` : 'the cluster follows nothing any more'
    return {
      state: 'done',
      summary: `${what}; ${state.uids.size} objects of it stay`,
      changes: [],
      notes: ['the engine itself stays: it has nothing to do then, until the next bootstrap'],
    }
  },
  async apply() {
    throw new SluiceError('E_INTERNAL', { object: 'check', seen: 'a step without effects was applied' })
  },
}

async function refuseOthers({ client, namespace, signal }: RemoveContext): Promise<void> {
  const users: string[] = []
  for (const kind of reconciledKinds) {
    if (kind.role !== 'applier') continue
    for (const object of await listIfKnown(client, kind, signal)) {
      const { name, namespace: at } = object.metadata
      const isRoot = kind.kind === 'Kustomization' && name === namespace && at === namespace
      if (!isRoot && usesSource(object, namespace)) users.push(`${kind.kind}/${at}/${name}`)
    }
  }
  if (users.length === 0) return
  throw new SluiceError('E_GITOPS_SOURCE_IN_USE', {
    object: `GitRepository/${namespace}/${namespace}`,
    expected: `no other object than Kustomization/${namespace}/${namespace}`,
    seen: `${users.slice(0, 5).join(', ')}${users.length > 5 ? ` and ${users.length - 5} more` : ''}`,
  })
}

function usesSource(object: KubeObject, namespace: string): boolean {
  const ref = sourceRefOf(object)
  if (ref) return ref.kind === 'GitRepository' && ref.name === namespace && ref.namespace === namespace
  // An EksctlCluster names the source of its own namespace.
  return (
    object.kind === 'EksctlCluster' &&
    valueAt(object, ['spec', 'sourceRef', 'name']) === namespace &&
    object.metadata.namespace === namespace
  )
}
