import { SluiceError } from '../../../base/errors/index.ts'
import { removeOldDeployKeys } from '../../../credentials/deploy-key.ts'
import { secretText } from '../../../credentials/sync-secret.ts'
import { keyFingerprint, parsePublicKey } from '../../../git/public-key.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { effect, type GitOpsChange, type GitOpsStep } from '../../steps.ts'
import { readText, syncFileOf } from '../content.ts'
import { followTo } from '../follow.ts'
import { foundIn, placeNow } from '../found.ts'
import { editSyncFile } from '../place.ts'
import { movedFromAnnotation, movingSecret } from '../secret.ts'
import type { MoveContext, MoveState } from '../types.ts'
import { writeMove } from '../write.ts'
import { applySecret } from './credential.ts'

/** Gives the Secret its old name back, now that the old credential is of no use, and takes the old deploy key away. */
export const settleStep: GitOpsStep<MoveContext, MoveState> = {
  id: 'settle',
  title: 'put the credential under its own name',
  async inspect(context, state) {
    const { to } = foundIn(state)
    const extra = await find(context, state, movingSecret)
    const isMoving = state.secret === movingSecret
    const before = isMoving ? await find(context, state, to.secret ?? '') : undefined
    const hadKey = secretText(before, 'identity.pub') !== undefined
    if (!isMoving && !extra)
      return { state: 'done', summary: `the cluster fetches with Secret ${to.secret ?? 'none'}`, changes: [] }
    const at = (name: string) => ({
      group: '',
      version: 'v1',
      kind: 'Secret',
      namespace: foundIn(state).sync.namespace,
      name,
    })
    const changes: GitOpsChange[] = [
      ...(isMoving && to.secret !== undefined
        ? [{ kind: 'object' as const, ref: at(to.secret), action: 'configure' as const }]
        : []),
      { kind: 'object', ref: at(movingSecret), action: 'delete' },
    ]
    return {
      state: 'to-do',
      summary: isMoving ? `fetch with Secret ${to.secret} again` : `remove Secret ${movingSecret}`,
      changes,
      notes: hadKey ? ['the deploy key of the cluster at the old repository is removed there'] : [],
    }
  },
  async apply(context, state) {
    const { to, sync } = foundIn(state)
    const { client, signal } = context
    if (state.secret === movingSecret && to.secret !== undefined) {
      const moving = await find(context, state, movingSecret)
      if (!moving)
        throw new SluiceError('E_GITOPS_NOT_FOLLOWED', {
          object: `Secret/${sync.namespace}/${movingSecret}`,
          seen: 'none',
        })
      await removeOldKey(context, state, moving)
      await effect(context, 'move.settle.secret', () => applySecret(context, renamed(moving, to.secret ?? '')))
      const path = syncFileOf(to.path, sync.namespace)
      const commit = await effect(context, 'move.settle.file', () =>
        writeMove(context, {
          repository: context.target,
          branch: to.branch,
          subject: `Fetch with Secret ${to.secret} again`,
          key: `gitops move ${sync.namespace} secret`,
          edit: async tree => {
            const text = (await readText(tree, path)) ?? ''
            const after = editSyncFile(text, sync.namespace, to)
            return after === text ? [] : [{ path, content: after }]
          },
        }),
      )
      if (commit !== undefined) state.commit = commit
      state.secret = to.secret
      await followTo(context, state, placeNow(state))
    }
    const ref = { group: '', version: 'v1', kind: 'Secret', namespace: sync.namespace, name: movingSecret }
    await effect(context, 'move.settle.sweep', () => client.delete(ref, { signal }))
    return `the cluster fetches with Secret ${to.secret ?? 'none'}`
  },
}

function find({ client, signal }: MoveContext, state: MoveState, name: string): Promise<KubeObject | undefined> {
  const { namespace } = foundIn(state).sync
  return client.find({ group: '', version: 'v1', kind: 'Secret', namespace, name }, { signal })
}

function renamed(secret: KubeObject, name: string): KubeObject {
  const { namespace = '', annotations = {} } = secret.metadata
  const { [movedFromAnnotation]: _, ...kept } = annotations
  const hasAnnotations = Object.keys(kept).length > 0
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, ...(hasAnnotations && { annotations: kept }) },
    type: 'Opaque',
    data: secret['data'],
  }
}

/** The key of the cluster at the old repository, before its half in the cluster is overwritten. One that stays is told. */
async function removeOldKey(context: MoveContext, state: MoveState, moving: KubeObject): Promise<void> {
  const { old, target, signal, onEvent } = context
  const { to } = foundIn(state)
  const before = parsePublicKey(secretText(await find(context, state, to.secret ?? ''), 'identity.pub') ?? '')
  const now = parsePublicKey(secretText(moving, 'identity.pub') ?? '')
  if (!before || before.body === now?.body) return
  const fingerprint = keyFingerprint(before.body)
  const repository = old ?? target
  if (repository.forge.capabilities.deployKeys === 'none') return
  const place = { forge: repository.forge, owner: repository.owner, repository: repository.name }
  try {
    // No key of the old repository is used any more; of one repository, the new key is.
    const used = now ?? { ...before, body: '' }
    const gone = await effect(context, 'move.settle.key', () =>
      removeOldDeployKeys(place, used, { fingerprints: [fingerprint] }, signal),
    )
    if (gone.length > 0) onEvent?.({ type: 'step-progress', text: `removed the deploy key "${gone.join(', ')}"` })
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof SluiceError)) throw error
    const text = `the old deploy key ${fingerprint} is left at ${repository.owner}/${repository.name}: ${error.message}`
    onEvent?.({ type: 'step-progress', text })
  }
}
