import { SluiceError } from '../../base/errors/index.ts'
import { valueAt } from '../../base/json.ts'
import { gitRepositoryKind, listIfKnown } from '../../fleet/read-fleet.ts'
import { checkRepositoryUrl } from '../../git/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Place } from './place.ts'

/** On the source of an application that has a repository of its own: `src/apps` writes it. */
const applicationLabel = 'apps.sluice.dev/application'

const secretNameOf = (source: KubeObject) => valueAt(source, ['spec', 'secretRef', 'name']) as string | undefined

/**
 * Applications with repositories of their own are on the fleet's host. Where they are fetched with the fleet's credential, a move to
 * another host would send the credential of the new host to the old one; those with a deploy key of their own would be fetched from
 * the old host on, and written by a connection to the new one.
 *
 * @throws E_GITOPS_NOT_MOVABLE with their names
 */
export async function refuseLeftBehind(
  client: KubeClient,
  namespace: string,
  from: Place,
  to: Place,
  signal: AbortSignal,
): Promise<void> {
  const hostOf = (url: string) => {
    const { host, port } = checkRepositoryUrl(url, { allowPlainHttp: true })
    return `${host}:${port ?? ''}`
  }
  if (hostOf(from.url) === hostOf(to.url)) return
  const sources = await listIfKnown(client, gitRepositoryKind, signal)
  const left = sources
    .filter(one => one.metadata.namespace === namespace)
    .filter(one => [from.secret, one.metadata.name].includes(secretNameOf(one)))
    .flatMap(one => one.metadata.labels?.[applicationLabel] ?? [])
  if (left.length === 0) return
  throw new SluiceError('E_GITOPS_NOT_MOVABLE', {
    object: `applications with repositories of their own: ${left.join(', ')}`,
    expected: 'none, or a new place on the same host: they stand beside the fleet',
    seen: hostOf(from.url),
    next: 'Remove these applications, move, and create them again at the new host; their repositories stay.',
  })
}
