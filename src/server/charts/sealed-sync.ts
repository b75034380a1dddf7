import { at } from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { ServerContext } from '../context.ts'
import type { RepositoryState } from '../repository/index.ts'

/**
 * Chart repositories are applied by the root Kustomization: a sealed login is only good when that one opens sealed files.
 *
 * @throws E_APP_SECRET_KEY
 */
export function requireSealedSync({ flux }: ServerContext, { sync }: RepositoryState): void {
  const root = flux?.kustomizations.get(sync.namespace, sync.kustomizationName)
  if (root === undefined || at(root, 'spec', 'decryption', 'provider') === 'sops') return
  throw new SluiceError('E_APP_SECRET_KEY', {
    object: `Kustomization/${sync.namespace}/${sync.kustomizationName}`,
    expected: 'spec.decryption with provider sops: the login of a chart repository stands sealed among its files',
    seen: 'none',
    next: 'Add spec.decryption to it as docs/guides/secrets-in-git.md shows, or add the repository without a login.',
  })
}
