import { gitAddress, namesIn } from '../forges/index.ts'
import { type BootstrapOptions, bootstrapPath } from '../specs/index.ts'
import type { Fleet } from './fleet-input.ts'

/** The fleet that the flags of `flux bootstrap` mean, without any cluster specs; `name` is what it is called in messages. */
export function fleetFromFlags(options: BootstrapOptions, name: string): Fleet {
  const { authorName, authorEmail, commitMessageAppendix, kubeconfig, context, hostname } = options
  return {
    ...repositoryOf(options),
    provider: options.provider,
    tokenAuth: options.tokenAuth,
    branch: options.branch,
    path: bootstrapPath(options) || '.',
    namespace: options.namespace,
    management: name,
    clusters: [],
    warnings: [],
    private: options.private,
    interval: options.interval,
    ...(hostname === undefined ? {} : { host: hostname }),
    ...(kubeconfig === undefined && context === undefined
      ? {}
      : { access: { ...(kubeconfig ? { kubeconfig } : {}), ...(context ? { context } : {}) } }),
    ...(authorEmail === undefined ? {} : { author: { name: authorName, email: authorEmail } }),
    ...(commitMessageAppendix === undefined ? {} : { commitAppendix: commitMessageAppendix }),
  }
}

function repositoryOf(options: BootstrapOptions): Pick<Fleet, 'owner' | 'personal' | 'repository' | 'git'> {
  const { url, owner = '', repository = '', personal } = options
  if (options.provider !== 'git' || url === undefined) {
    // Flux takes sub-groups of GitLab with the repository: `platform/fleet`.
    const { owner: below, name } = namesIn({ path: repository })
    return { owner: below === '' ? owner : `${owner}/${below}`, personal, repository: name }
  }
  const address = gitAddress(url)
  const names = namesIn(address)
  return { owner: names.owner, personal: false, repository: names.name, git: { url: address.href } }
}
