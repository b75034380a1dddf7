import { SluiceError } from '../../base/errors/index.ts'
import { jsonEqual } from '../../base/json.ts'
import type { Connection } from '../../connections/index.ts'
import { ensureDeployKey } from '../../credentials/deploy-key.ts'
import { secretText, sshAuthOf } from '../../credentials/sync-secret.ts'
import { makeSshKey } from '../../git/make-key.ts'
import { keyFingerprint, type PublicKey, parsePublicKey, publicKeyOf } from '../../git/public-key.ts'
import type { GitAuth } from '../../git/types.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { ServerContext } from '../context.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { requireSame } from '../repository/index.ts'
import { requireGate } from '../require-gate.ts'
import { isKeyFor, keySecret, type OwnKey, refuseForeignSecret, secretOf } from './own-key.ts'
import { confirmedHostKeys } from './plan-key.ts'

export interface KeyGift {
  readonly app: string
  readonly project: string
  /** `acme/web-shop`. */
  readonly title: string
  /** The address that the server reaches the repository by. */
  readonly url: string
  /** The host's id of the repository. */
  readonly id: string
  readonly key: OwnKey
}

interface KeyPair {
  readonly auth: Extract<GitAuth, { kind: 'ssh' }>
  readonly publicKey: PublicKey
}

/**
 * Gives the cluster a deploy key for an application's own repository: the private half goes into a Secret first, then the public
 * half to the host, so that a server that ends in between leaves no key without its half. The next one takes the key that is there.
 * Gives its fingerprint.
 *
 * @throws E_APP_REPOSITORY, E_APP_REPOSITORY_REPLACED, E_GATE_CLOSED, E_KUBE_…, E_FORGE_…
 */
export async function giveKey(context: ServerContext, gift: KeyGift, job: RunningJob): Promise<string> {
  const { project, title, url, key } = gift
  const { signal } = job
  const connection = await requireGate(context, { project, environment: '*' })
  const { kept, ...first } = await keptOrNew(context, gift, connection, signal)
  let pair: KeyPair = first
  await context.repository.reach.open(connection, url, async repository => {
    await requireSame(repository, gift, signal)
    const { forge, owner, name } = repository
    const add = ({ publicKey }: KeyPair) =>
      ensureDeployKey({ forge, owner, repository: name }, publicKey, { title: key.title, readOnly: true }, signal)
    try {
      try {
        await add(pair)
      } catch (error) {
        const inUse = error instanceof SluiceError && error.code === 'E_FORGE_KEY_IN_USE'
        // A key of a repository that had this id before is somewhere else: this one gets another.
        if (!inUse || !kept) throw error
        pair = await keptOrNew(context, gift, connection, signal, true)
        await add(pair)
      }
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof SluiceError) || error.retryable || !error.code.startsWith('E_FORGE_')) throw error
      throw new SluiceError('E_APP_REPOSITORY', {
        object: title,
        expected: 'a host that takes a deploy key for it from this connection',
        seen: error.message,
        next: 'Allow deploy keys there, with the right to administer the repository for the token, and create the application again: it goes on from here.',
        cause: error,
      })
    }
  })
  const fingerprint = keyFingerprint(pair.publicKey.body)
  job.step('key', { detail: `${fingerprint}, which only fetches, in the Secret ${key.secretName}` })
  return fingerprint
}

/** The key that the Secret has for this repository, else a new one that the Secret has from now on. */
async function keptOrNew(
  context: ServerContext,
  gift: KeyGift,
  connection: Connection,
  signal: AbortSignal,
  anew = false,
): Promise<KeyPair & { readonly kept: boolean }> {
  const { client, repository } = context
  const { app, key, id } = gift
  if (client === undefined) throw new SluiceError('E_FLEET_NO_SYNC', { object: 'this server', seen: 'no cluster' })
  const knownHosts = await confirmedHostKeys({ client, signal }, await repository.read(), key.url)
  const live = await client.find(secretOf(key), { signal })
  refuseForeignSecret(live, app)
  const before = live !== undefined && !anew && isKeyFor(live, id) ? sshAuthOf(live) : undefined
  const pair = before === undefined ? await makeSshKey() : undefined
  const auth = before === undefined ? { kind: 'ssh' as const, ...pair!, knownHosts } : { ...before, knownHosts }
  const publicKey =
    pair?.publicKey ??
    parsePublicKey(secretText(live, 'identity.pub') ?? '') ??
    publicKeyOf(auth.privateKey, before?.passphrase)
  // GitHub takes a deploy key away with the token that added it.
  const expires = connection.kind === 'github' ? connection.proof?.expiresAt : undefined
  await store(client, live, keySecret(key, { ...gift, auth, publicKey, expires }), signal)
  return { auth, publicKey, kept: before !== undefined }
}

/** Writes the Secret as a whole. One that somebody made or changed meanwhile is not written over. */
async function store(
  client: KubeClient,
  live: KubeObject | undefined,
  wanted: KubeObject,
  signal: AbortSignal,
): Promise<void> {
  const options = { fieldManager: 'sluice', signal }
  if (live === undefined) {
    await client.create(wanted, options)
    return
  }
  if (jsonEqual(live['data'], wanted['data'])) return
  const { resourceVersion } = live.metadata
  const metadata = { ...wanted.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) }
  await client.replace({ ...wanted, metadata }, options)
}
