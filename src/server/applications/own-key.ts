import { appLabels, at, sourceNameOf, sourcePath } from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { FileTree } from '../../base/file-tree.ts'
import { deployKeyTitle } from '../../credentials/deploy-key.ts'
import { syncSecret, syncSecretData } from '../../credentials/sync-secret.ts'
import type { PublicKey } from '../../git/public-key.ts'
import type { GitAuth } from '../../git/types.ts'
import type { ObjectRef } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { parseYamlStream } from '../../kube/yaml/index.ts'
import { type RepositoryState, titleOf } from '../repository/index.ts'

/** On the Secret: the host's id of the repository that the key is for. A key is good for one repository. */
const repositoryIdAnnotation = 'apps.sluice.dev/repository-id'

/** The deploy key that the cluster fetches the repository of an application with. Neither half of it is in here. */
export interface OwnKey {
  /** The address that the cluster fetches by: `ssh://git@github.com/acme/web-shop`. */
  readonly url: string
  readonly namespace: string
  /** The Secret with the private half, named like the source. */
  readonly secretName: string
  /** Its title at the host, without the part that names the very key. */
  readonly title: string
}

/** The key of an application, by the names that it has in the cluster and at the host. */
export function ownKeyFor(
  fleet: RepositoryState,
  { app, branch, url }: { readonly app: string; readonly branch: string; readonly url: string },
): OwnKey {
  const { namespace, path, url: followed } = fleet.sync
  const secretName = sourceNameOf(app)
  // Of this fleet, this cluster and this application: what another one has under its title is never swept.
  const title = deployKeyTitle({
    cluster: path.split('/').at(-1) || namespace,
    namespace,
    branch,
    path: `${titleOf(followed)}/${secretName}`,
  })
  return { url, namespace, secretName, title }
}

/** The key of an application as the fleet's repository has it; undefined where it is fetched with the fleet's own credential. */
export async function ownKeyIn(
  tree: FileTree,
  fleet: RepositoryState,
  app: string,
  branch: string,
): Promise<OwnKey | undefined> {
  const text = (await tree.read(sourcePath(fleet.place, app)))?.toString('utf8')
  if (text === undefined) return undefined
  const source = parseYamlStream(text)[0]?.value
  const url = at(source, 'spec', 'url')
  if (typeof url !== 'string' || !url.startsWith('ssh://')) return undefined
  return at(source, 'spec', 'secretRef', 'name') === sourceNameOf(app)
    ? ownKeyFor(fleet, { app, branch, url })
    : undefined
}

export function secretOf({ namespace, secretName: name }: OwnKey): ObjectRef {
  return { group: '', version: 'v1', kind: 'Secret', namespace, name }
}

/** Whether a Secret was made for this very repository. */
export function isKeyFor(secret: KubeObject, id: string): boolean {
  return secret.metadata.annotations?.[repositoryIdAnnotation] === id
}

/** @throws E_APP_REPOSITORY for a Secret that somebody else made */
export function refuseForeignSecret(secret: KubeObject | undefined, app: string): void {
  if (secret === undefined || secret.metadata.labels?.[appLabels.application] === app) return
  const { namespace, name } = secret.metadata
  throw new SluiceError('E_APP_REPOSITORY', {
    object: `Secret ${namespace}/${name}`,
    expected: `none, or the one that Sluice made for application ${app}`,
    seen: 'a Secret of something else',
    next: 'Give that Secret another name, or name the application differently.',
  })
}

/** The Secret as Flux reads it. */
export function keySecret(
  key: OwnKey,
  of: {
    readonly app: string
    readonly project: string
    readonly id: string
    readonly auth: Extract<GitAuth, { kind: 'ssh' }>
    readonly publicKey: PublicKey
    /** ISO 8601; undefined when the key does not end. */
    readonly expires: string | undefined
  },
): KubeObject {
  const { app, project, id, auth, publicKey, expires } = of
  const secret = syncSecret(key.secretName, key.namespace, syncSecretData(auth, undefined, publicKey), expires)
  const { annotations, ...metadata } = secret.metadata
  return {
    ...secret,
    metadata: {
      ...metadata,
      labels: { [appLabels.application]: app, [appLabels.project]: project },
      annotations: { ...annotations, [repositoryIdAnnotation]: id },
    },
  }
}
