import { SluiceError } from '../../base/errors/index.ts'
import { proveSshKey, removeOldDeployKeys } from '../../credentials/deploy-key.ts'
import { secretText, sshAuthOf } from '../../credentials/sync-secret.ts'
import { type GitAuth, listRemoteRefs } from '../../git/index.ts'
import { parsePublicKey, publicKeyOf } from '../../git/public-key.ts'
import type { KubeObject } from '../../kube/object.ts'
import { redact, Secret } from '../../secrets/secret.ts'
import type { ServerContext } from '../context.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { requireGate } from '../require-gate.ts'
import { type OwnKey, secretOf } from './own-key.ts'

/** The repository that the cluster is to be pointed to. */
export interface ReachWish {
  readonly project: string
  /** `acme/shop-config`. */
  readonly title: string
  readonly url: string
  /** The deploy key that the cluster has for it; undefined where it is fetched as the fleet is. */
  readonly key?: OwnKey
}

/**
 * Proves that the credential that the cluster fetches the fleet with is good for the application's repository, before the cluster
 * is pointed there. Where the server may not read that Secret, the step says so and goes on.
 *
 * @throws E_APP_REPOSITORY when the host refuses it
 */
export async function proveReach(
  context: ServerContext,
  { project, title, url, key }: ReachWish,
  job: RunningJob,
): Promise<void> {
  if (key !== undefined) return proveKey(context, { project, title, url }, key, job)
  const { client, repository } = context
  const { signal } = job
  const { secretName: name, namespace } = (await repository.read()).sync
  let secret: KubeObject | undefined
  if (name !== undefined && client !== undefined) {
    try {
      secret = await client.find({ group: '', version: 'v1', kind: 'Secret', namespace, name }, { signal })
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code !== 'E_KUBE_FORBIDDEN') throw error
      const detail = `the server may not read the Secret ${name}: whether the cluster can fetch ${title} shows when it tries`
      job.step('reach', { state: 'warned', detail })
      return
    }
  }
  const auth = authOf(secret)
  const ca = secretText(secret, 'ca.crt') ?? (await requireGate(context, { project, environment: '*' })).settings.ca
  try {
    await listRemoteRefs({ url, ...(auth && { auth }), ...(ca === undefined ? {} : { ca }) }, { signal })
    job.step('reach', { detail: name === undefined ? 'without a credential' : `with the Secret ${name}` })
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof SluiceError)) throw error
    throw new SluiceError('E_APP_REPOSITORY', {
      object: title,
      expected:
        name === undefined
          ? 'a repository that anybody can fetch'
          : `the Secret ${name} of the cluster to be good for it`,
      seen: error.message,
      next: 'Give the cluster a token that may read this repository too, and create the application again: it goes on from here.',
    })
  }
}

/** The same with a key of its own: that very key, over SSH. Then what earlier tries left under its title goes. */
async function proveKey(
  { client, clock, repository, ...context }: ServerContext,
  { project, title, url }: ReachWish,
  key: OwnKey,
  job: RunningJob,
): Promise<void> {
  const { signal } = job
  const secret = await client?.find(secretOf(key), { signal })
  const auth = sshAuthOf(secret)
  const refuse = (seen: string, cause?: unknown) =>
    new SluiceError('E_APP_REPOSITORY', {
      object: title,
      expected: `the key in the Secret ${key.secretName} of the cluster to be good for ${redact(key.url)}`,
      seen,
      next: 'Mend what is named, and create the application again: it goes on from here.',
      cause,
    })
  if (auth === undefined) throw refuse('no key in it')
  await proveSshKey(key.url, auth, { clock, signal }).catch((error: unknown) => {
    signal.throwIfAborted()
    throw error instanceof SluiceError ? refuse(error.message, error) : error
  })
  const used = parsePublicKey(secretText(secret, 'identity.pub') ?? '') ?? publicKeyOf(auth.privateKey, auth.passphrase)
  const connection = await requireGate({ ...context, clock }, { project, environment: '*' })
  await repository.reach.open(connection, url, ({ forge, owner, name }) =>
    removeOldDeployKeys({ forge, owner, repository: name }, used, { title: key.title }, signal),
  )
  job.step('reach', { detail: `over SSH, with the Secret ${key.secretName}` })
}

function authOf(secret: KubeObject | undefined): GitAuth | undefined {
  const [username, password, token] = ['username', 'password', 'bearerToken'].map(key => secretText(secret, key))
  if (token) return { kind: 'bearer', token: Secret.of(token) }
  return password ? { kind: 'basic', username: username ?? 'git', password: Secret.of(password) } : undefined
}
