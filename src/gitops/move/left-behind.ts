import { SluiceError } from '../../base/errors/index.ts'
import { valueAt } from '../../base/json.ts'
import { gitRepositoryKind, listIfKnown } from '../../fleet/read-fleet.ts'
import { checkRepositoryUrl, type RepositoryUrl } from '../../git/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Place } from './place.ts'

/** On the source of an application that has a repository of its own: `src/apps` writes it. */
const applicationLabel = 'apps.sluice.dev/application'

const secretNameOf = (source: KubeObject) => valueAt(source, ['spec', 'secretRef', 'name']) as string | undefined

/**
 * Applications with repositories of their own are on the fleet's host. Where they are fetched with the fleet's credential, a move to
 * another host would send the credential of the new host to the old one; those with a deploy key of their own would be fetched from
 * the old host on, and written by a connection to the new one. A deploy key in place of the fleet's token would leave them without it.
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
  const [was, is] = [from.url, to.url].map(url => checkRepositoryUrl(url, { allowPlainHttp: true }))
  const hostOf = ({ host, port = '' }: RepositoryUrl) => `${host}:${port}`
  const stays = hostOf(was!) === hostOf(is!)
  // A key is good for the one repository of the fleet.
  const losesToken = was!.scheme !== 'ssh' && is!.scheme === 'ssh'
  if (stays && !losesToken) return
  const sources = await listIfKnown(client, gitRepositoryKind, signal)
  const left = sources
    .filter(one => one.metadata.namespace === namespace)
    .filter(one => [from.secret, ...(stays ? [] : [one.metadata.name])].includes(secretNameOf(one)))
    .flatMap(one => one.metadata.labels?.[applicationLabel] ?? [])
  if (left.length === 0) return
  throw new SluiceError('E_GITOPS_NOT_MOVABLE', {
    object: `applications with repositories of their own: ${left.join(', ')}`,
    expected: stays
      ? 'none, or a token as before: they are fetched with the one of the fleet'
      : 'none, or a new place on the same host: they stand beside the fleet',
    seen: stays ? 'a deploy key, which is good for one repository' : hostOf(was!),
    next: `Remove these applications, move, and create them again${stays ? '' : ' at the new host'}; their repositories stay.`,
  })
}
