import type { GitAuth } from '../git/types.ts'
import type { KubeObject } from '../kube/object.ts'
import { componentObjects, syncObjects } from '../layout/index.ts'
import { embeddedComponents } from './desired-files.ts'
import type { BootstrapContext } from './types.ts'

/** Name of the Secret with the source's credential: Flux's name, whatever the namespace is called. */
export const syncSecretName = 'flux-system'

/** What makes a cluster follow the repository, in the order in which it is applied. */
export interface EngineObjects {
  /** Namespace and CRDs: they must be there before the rest. */
  readonly first: readonly KubeObject[]
  /** The credential of the source. */
  readonly secret: KubeObject
  /** GitRepository and Kustomization. */
  readonly sync: readonly KubeObject[]
}

export function engineObjects({ fleet, forge }: BootstrapContext): EngineObjects {
  const remote = forge.remote(fleet.owner, fleet.repository)
  return {
    first: componentObjects(fleet.namespace, embeddedComponents()),
    secret: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: syncSecretName, namespace: fleet.namespace },
      type: 'Opaque',
      data: secretData(remote.auth, remote.ca),
    },
    sync: syncObjects({
      systemNamespace: fleet.namespace,
      url: remote.url,
      branch: fleet.branch,
      clusterConfigPath: fleet.path,
      ...(fleet.interval === undefined ? {} : { sourceInterval: fleet.interval }),
    }),
  }
}

/** Keys as Flux's source-controller reads them: `username` and `password`, or `bearerToken`, and `ca.crt`. */
function secretData(auth: GitAuth | undefined, ca: string | undefined): Record<string, string> {
  const encode = (text: string) => Buffer.from(text).toString('base64')
  return {
    ...(auth?.kind === 'basic' ? { username: encode(auth.username), password: encode(auth.password.reveal()) } : {}),
    ...(auth?.kind === 'bearer' ? { bearerToken: encode(auth.token.reveal()) } : {}),
    ...(auth?.kind === 'ssh'
      ? { identity: encode(auth.privateKey.reveal()), known_hosts: encode(auth.knownHosts) }
      : {}),
    ...(ca === undefined ? {} : { 'ca.crt': encode(ca) }),
  }
}
