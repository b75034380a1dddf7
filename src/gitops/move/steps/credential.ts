import { jsonEqual } from '../../../base/json.ts'
import {
  type BootstrapContext,
  installKey,
  lacksKey,
  otherParts,
  syncSecretName,
  type WantedCredential,
  wantedCredential,
} from '../../../bootstrap/index.ts'
import { sshAuthOf } from '../../../credentials/sync-secret.ts'
import { listRemoteRefs } from '../../../git/index.ts'
import { refOf } from '../../../kube/identity.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { effect, type GitOpsStep } from '../../steps.ts'
import { foundIn } from '../found.ts'
import { movedFromAnnotation, movingSecret } from '../secret.ts'
import type { MoveContext, MoveState } from '../types.ts'

/**
 * Puts the credential for the new place into the cluster, beside the one for the old place: neither is ever sent to the
 * other's host, and the cluster can fetch from where it looks at every moment.
 */
export const credentialStep: GitOpsStep<MoveContext, MoveState> = {
  id: 'credential',
  title: 'give the cluster the credential for the new place',
  async inspect(context, state) {
    const { sync, client, signal } = context
    const { stage, from, to } = foundIn(state)
    state.secret = stage === 'switched' ? (from.secret ?? to.secret) : to.secret
    const stays = { state: 'done' as const, summary: 'it fetches with the same Secret', changes: [] }
    if (!sync || stage === 'switched') return stays
    const name = await secretFor(context, state)
    state.secret = name
    const wanted = await wantedCredential(asBootstrap(context, state), state, name)
    const live = await client.find(refOf(wanted.secret), { signal })
    const addsKey = await lacksKey(asBootstrap(context, state), wanted, { ...state, dryRun: state.dryRun })
    const isThere = live !== undefined && (wanted.key !== undefined || holdsData(live, wanted.secret))
    if (isThere && !addsKey) return { ...stays, summary: `Secret ${name} holds it` }
    const ref = refOf(wanted.secret)
    return {
      state: 'to-do',
      summary: `write Secret ${name}${addsKey ? ', and add its key to the repository' : ''}`,
      changes: [{ kind: 'object', ref, action: live ? 'configure' : 'create' }],
    }
  },
  async apply(context, state) {
    const { client, signal, target } = context
    const { from } = foundIn(state)
    const name = state.secret ?? movingSecret
    const wanted = await wantedCredential(asBootstrap(context, state), state, name)
    const secret = name === movingSecret ? withOrigin(wanted.secret, from.url) : wanted.secret
    await effect(context, 'move.credential', () => applySecret(context, secret))
    if (wanted.key) await installKey(asBootstrap(context, state), wanted)
    else await listRemoteRefs(target.remote, { signal })
    await client.get(refOf(secret), { signal })
    return `Secret ${name} holds the credential for ${target.forge.host}`
  },
}

/** The Secret's own name where its content serves already, else the name of one beside it. */
async function secretFor(context: MoveContext, state: MoveState): Promise<string> {
  const { client, signal, sync, isOtherRepository } = context
  const { from, sync: at } = foundIn(state)
  const name = from.secret ?? syncSecretName
  if (name === movingSecret) return name
  const live = await client.find(
    { group: '', version: 'v1', kind: 'Secret', namespace: at.namespace, name },
    { signal },
  )
  if (!live) return name
  if (sync?.credential === 'deploy-key') return !isOtherRepository && sshAuthOf(live) ? name : movingSecret
  const wanted = await wantedCredential(asBootstrap(context, state), state, name)
  return holdsData(live, wanted.secret) && otherParts(live, wanted.secret).length === 0 ? name : movingSecret
}

function holdsData(live: KubeObject, wanted: KubeObject): boolean {
  const data = live['data'] as Record<string, unknown> | undefined
  return Object.entries(wanted['data'] as object).every(([key, value]) => jsonEqual(data?.[key], value))
}

function withOrigin(secret: KubeObject, url: string): KubeObject {
  const annotations = { ...secret.metadata.annotations, [movedFromAnnotation]: url }
  return { ...secret, metadata: { ...secret.metadata, annotations } }
}

/** Applies a Secret, without anything that another credential left in it. */
export async function applySecret({ client, signal }: MoveContext, secret: KubeObject): Promise<void> {
  const ref = refOf(secret)
  const parts = otherParts(await client.find(ref, { signal }), secret)
  const options = { fieldManager: 'flux', signal }
  if (parts.length > 0)
    await client.patch(ref, 'merge', { data: Object.fromEntries(parts.map(key => [key, null])) }, options)
  await client.apply(secret, { ...options, force: true })
}

/** The context as the code of bootstrap wants it, for the repository that is moved to. */
export function asBootstrap(context: MoveContext, state: MoveState): BootstrapContext {
  const { sync, to } = foundIn(state)
  const { target, client, dataDir, clock, logger, signal, timeoutMs } = context
  return {
    fleet: {
      owner: target.owner,
      personal: false,
      repository: target.name,
      branch: to.branch,
      path: to.path === '' ? '.' : to.path,
      namespace: sync.namespace,
      management: to.path.slice(to.path.lastIndexOf('/') + 1) || sync.namespace,
      clusters: [],
      warnings: [],
    },
    forge: target.forge,
    client,
    dataDir,
    clock,
    logger,
    signal,
    timeoutMs,
    ...(context.sync && { sync: context.sync }),
    ...(context.effect && { effect: context.effect }),
  }
}

export type { WantedCredential }
