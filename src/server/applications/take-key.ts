import { sourcePath } from '../../apps/index.ts'
import { asSluiceError } from '../../base/errors/index.ts'
import { removeOldDeployKeys } from '../../credentials/deploy-key.ts'
import { secretText } from '../../credentials/sync-secret.ts'
import { keyFingerprint, parsePublicKey } from '../../git/public-key.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { ServerContext } from '../context.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { requireSame } from '../repository/index.ts'
import { requireGate } from '../require-gate.ts'
import type { KeyGift } from './give-key.ts'
import { type OwnKey, refuseForeignSecret, secretOf } from './own-key.ts'

/**
 * Takes the deploy key of an application away, at the host and in the cluster, once nothing of the fleet points to its repository.
 * What cannot be taken is told, and is no failure: the application is gone.
 */
export async function takeKey(
  context: ServerContext,
  wish: Omit<KeyGift, 'id'> & { readonly id: string | undefined },
  job: RunningJob,
): Promise<void> {
  const { app, title, key } = wish
  const { signal } = job
  const left: string[] = []
  const gone: string[] = []
  const trying = async (what: string, work: () => Promise<string | undefined>): Promise<void> => {
    try {
      const done = await work()
      if (done !== undefined) gone.push(done)
    } catch (error) {
      signal.throwIfAborted()
      left.push(`${what} is left: ${asSluiceError(error).message}`)
    }
  }
  const stays = await whyItStays(context, wish, signal)
  if (stays !== undefined) {
    job.step('key', { state: 'warned', detail: `${name(key)} and the Secret ${key.secretName} are left: ${stays}` })
    return
  }
  let secret: KubeObject | undefined
  await trying(`the Secret ${key.secretName}`, async () => {
    const found = await context.client?.find(secretOf(key), { signal })
    refuseForeignSecret(found, app)
    secret = found
    return undefined
  })
  await trying(`${name(key)} of ${title}`, () => takeFromHost(context, wish, secret, signal))
  if (secret !== undefined)
    await trying(`the Secret ${key.secretName}`, () => takeFromCluster(context, wish, secret!, signal))
  const detail = [...gone, ...left].join('; ') || 'there was none any more'
  job.step('key', left.length === 0 ? { detail } : { state: 'warned', detail })
}

const name = ({ title }: OwnKey) => `the deploy key "${title}"`

/** A key that is used is not taken, and neither is one where nobody knows. */
async function whyItStays(
  { repository }: ServerContext,
  { app, title }: Pick<KeyGift, 'app' | 'title'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    // A look that was under way may have begun before the commit.
    for (let looks = 0; looks < 2; looks++) {
      const { tree, place } = await repository.refresh()
      if ((await tree.entry(sourcePath(place, app))) === undefined) return undefined
    }
    return `the fleet's repository still points to ${title}`
  } catch (error) {
    signal.throwIfAborted()
    return asSluiceError(error).message
  }
}

async function takeFromHost(
  context: ServerContext,
  { project, url, id, title, key }: Omit<KeyGift, 'id'> & { readonly id: string | undefined },
  secret: KubeObject | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const connection = await requireGate(context, { project, environment: '*' })
  const ours = parsePublicKey(secretText(secret, 'identity.pub') ?? '')
  const fingerprints = ours === undefined ? [] : [keyFingerprint(ours.body)]
  return context.repository.reach.open(connection, url, async repository => {
    if (id !== undefined) await requireSame(repository, { id, url }, signal)
    const { forge, owner } = repository
    // None is used any more.
    const used = { type: '', body: '' }
    const old = { title: key.title, fingerprints }
    const removed = await removeOldDeployKeys({ forge, owner, repository: repository.name }, used, old, signal)
    return removed.length === 0 ? undefined : `removed the deploy key "${removed.join('", "')}" of ${title}`
  })
}

async function takeFromCluster(
  { client }: ServerContext,
  { key }: Pick<KeyGift, 'key'>,
  { metadata: { uid } }: KubeObject,
  signal: AbortSignal,
): Promise<string | undefined> {
  const isGone = await client?.delete(secretOf(key), { ...(uid && { preconditions: { uid } }), signal })
  return isGone === true ? `removed the Secret ${key.secretName}` : undefined
}
