import { SluiceError } from '../base/errors/index.ts'
import { valueAt } from '../base/json.ts'
import type { KubeObject } from '../kube/object.ts'
import { gitRepositoryKind } from './switch/live.ts'
import { otherParts } from './sync-credential.ts'
import type { BootstrapContext } from './types.ts'

/**
 * A deploy key is good for one repository. Where other sources are fetched with the token in the fleet's Secret, it is not put in its
 * place.
 *
 * @throws E_BOOTSTRAP_TOKEN_SHARED with their names
 */
export async function refuseSharedToken(
  { client, fleet, signal }: Pick<BootstrapContext, 'client' | 'fleet' | 'signal'>,
  wanted: KubeObject,
  live: KubeObject | undefined,
): Promise<void> {
  const losesToken = otherParts(live, wanted).some(part => part === 'password' || part === 'bearerToken')
  if (!losesToken || (await client.resourceFor(gitRepositoryKind, { signal })) === undefined) return
  const { items } = await client.list(gitRepositoryKind, { namespace: fleet.namespace, signal })
  const others = items
    .filter(({ metadata }) => metadata.name !== fleet.namespace)
    .filter(one => valueAt(one, ['spec', 'secretRef', 'name']) === wanted.metadata.name)
    .map(({ metadata }) => metadata.name ?? '')
  if (others.length === 0) return
  const named = others.slice(0, 5).join(', ')
  throw new SluiceError('E_BOOTSTRAP_TOKEN_SHARED', {
    object: `Secret/${fleet.namespace}/${wanted.metadata.name}`,
    expected: 'a token as before, or no other source that is fetched with it',
    seen: `a deploy key, which would take it from GitRepository ${named}${others.length > 5 ? ` and ${others.length - 5} more` : ''}`,
  })
}
