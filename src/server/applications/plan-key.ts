import { at } from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { sshAddress } from '../../credentials/ssh-address.ts'
import { sshAuthOf } from '../../credentials/sync-secret.ts'
import type { Forge } from '../../forges/types.ts'
import { checkRepositoryUrl } from '../../git/index.ts'
import { keysFor, knownHostName } from '../../git/known-hosts.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { ServerContext } from '../context.ts'
import type { RepositoryState } from '../repository/index.ts'
import { type OwnKey, ownKeyFor, refuseForeignSecret, secretOf } from './own-key.ts'

/** The repository that a key is wanted for. */
export interface KeyWish {
  readonly app: string
  /** `acme/web-shop`. */
  readonly title: string
  /** The address that the server reads it by. */
  readonly url: string
  readonly branch: string
  readonly forge: Pick<Forge, 'kind' | 'host' | 'capabilities'>
}

/** What the server does with the Secret of a key. */
const verbs = ['get', 'create', 'update', 'delete'] as const
const byToken = 'or let the cluster fetch over HTTPS: sluice bootstrap --token-auth.'

/**
 * Looks whether an application's own repository can have a deploy key, where the cluster fetches the fleet over SSH. Reads only.
 *
 * @throws E_APP_REPOSITORY with what is missing
 */
export async function planKey(context: ServerContext, fleet: RepositoryState, wish: KeyWish): Promise<OwnKey> {
  const { app, title, forge } = wish
  const { sync } = fleet
  const { client } = context
  if (forge.capabilities.deployKeys === 'none') {
    throw new SluiceError('E_APP_REPOSITORY', {
      object: title,
      expected: 'a host with deploy keys, as the cluster fetches over SSH',
      seen: `${forge.host} has none`,
      next: `Create the application as a path in the fleet repository, ${byToken}`,
    })
  }
  if (client === undefined) throw new SluiceError('E_FLEET_NO_SYNC', { object: 'this server', seen: 'no cluster' })
  const address = checkRepositoryUrl(sync.url)
  const place = `${address.user ?? 'git'}@${address.host}${address.port === undefined ? '' : `:${address.port}`}`
  const key = ownKeyFor(fleet, { app, branch: wish.branch, url: sshAddress(forge.kind, wish.url, place) })
  const missing = await forbidden(client, key, context.signal)
  if (missing.length > 0) {
    throw new SluiceError('E_APP_REPOSITORY', {
      object: `Secret ${key.namespace}/${key.secretName}`,
      expected: 'a server that may write it: the deploy key of the application is kept there',
      seen: `it may not ${missing.join(', ')} it`,
      next: `Let the account of the server ${verbs.join(', ')} Secrets in ${key.namespace}, ${byToken}`,
    })
  }
  refuseForeignSecret(await client.find(secretOf(key), { signal: context.signal }), app)
  await confirmedHostKeys(context, fleet, key.url)
  return key
}

/**
 * What proves the SSH server of the host: the lines of known_hosts in the fleet's own Secret, which were confirmed when it was made.
 *
 * @throws E_APP_REPOSITORY where there are none for this server
 */
export async function confirmedHostKeys(
  { client, signal }: Pick<ServerContext, 'client' | 'signal'>,
  { sync: { namespace, secretName: name } }: RepositoryState,
  url: string,
): Promise<string> {
  const { host, port } = checkRepositoryUrl(url)
  const refuse = (seen: string) =>
    new SluiceError('E_APP_REPOSITORY', {
      object: `Secret ${namespace}/${name ?? 'of the fleet'}`,
      expected: `confirmed host keys (known_hosts) of ${knownHostName(host, port)}`,
      seen,
      next: 'Run `sluice bootstrap` again, which asks for them, and let the server read the Secret.',
    })
  if (name === undefined) throw refuse('a fleet that is fetched without a Secret')
  let secret: KubeObject | undefined
  try {
    secret = await client?.find({ group: '', version: 'v1', kind: 'Secret', namespace, name }, { signal })
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'E_KUBE_FORBIDDEN') throw error
    throw refuse('the server may not read it')
  }
  const known = sshAuthOf(secret)?.knownHosts ?? ''
  if (keysFor(known, knownHostName(host, port)).length === 0) throw refuse('none')
  return known
}

/** The verbs that the server may not use on a Secret, as the cluster says. */
async function forbidden(client: KubeClient, key: OwnKey, signal: AbortSignal): Promise<string[]> {
  const { namespace, secretName: name } = key
  const answers = await Promise.all(
    verbs.map(verb =>
      client.create(
        {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          metadata: {},
          // What is created has no name yet that a rule could be about.
          spec: { resourceAttributes: { namespace, verb, resource: 'secrets', ...(verb !== 'create' && { name }) } },
        },
        { signal },
      ),
    ),
  )
  return verbs.filter((_, i) => at(answers[i], 'status', 'allowed') !== true)
}
