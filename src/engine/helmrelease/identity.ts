import { version } from '../../base/version.ts'
import { type ClusterAccess, createKubeClient } from '../../kube/client/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import { messageOf, StepFailure } from '../failure.ts'
import { remoteAccess } from '../remote/kubeconfig.ts'
import type { HelmReleaseContext } from './context.ts'

/** The client that a release is made with, and what ends it. */
export interface Identity {
  readonly client: KubeClient
  close(): Promise<void>
}

/** The engine's own, as the service account of the release's namespace, and on another cluster where the spec names one. */
export async function identityOf(context: Pick<HelmReleaseContext, 'engine'>, object: HelmRelease): Promise<Identity> {
  const { kubeConfig, serviceAccountName } = object.spec
  const { engine } = context
  const namespace = object.metadata.namespace ?? ''
  const user = engine.tenancy.userOf(object, serviceAccountName)
  // A kubeconfig is somebody's own identity already: only an account that is named is acted as beside it.
  const acting = kubeConfig === undefined || serviceAccountName ? user : undefined
  const as = (client: KubeClient) => (acting === undefined ? client : client.as(acting))
  if (kubeConfig === undefined) return { client: as(engine.client), close: async () => undefined }
  if (kubeConfig.configMapRef !== undefined) {
    throw new StepFailure(
      'RESTClientError',
      'spec.kubeConfig.configMapRef is not supported: logins of clouds are not; use spec.kubeConfig.secretRef',
      { stalled: true },
    )
  }
  const { name = '', key } = kubeConfig.secretRef ?? {}
  const secret = await engine.readSecret(namespace, name)
  if (secret === undefined) {
    throw new StepFailure(
      'RESTClientError',
      `could not get KubeConfig secret '${namespace}/${name}': secrets "${name}" not found`,
    )
  }
  const data = (secret['data'] ?? {}) as Record<string, string>
  const found = key ? data[key] : (data['value'] ?? data['value.yaml'])
  if (found === undefined) {
    throw new StepFailure(
      'RESTClientError',
      `KubeConfig secret '${namespace}/${name}' does not contain a '${key || 'value'}' key with data`,
    )
  }
  const client = engine.guard(
    createKubeClient(accessOf(Buffer.from(found, 'base64').toString('utf8'), `Secret ${namespace}/${name}`), {
      userAgent: `sluice/${version}`,
      clock: engine.clock,
      logger: engine.logger,
    }),
  )
  return { client: as(client), close: () => client.close() }
}

/** By the same rules as for a Kustomization: nothing is run, no file is read, the server's certificate is always checked. */
function accessOf(text: string, where: string): ClusterAccess {
  try {
    return remoteAccess(text, where)
  } catch (error) {
    // Not for good, whatever the reason: the Secret may change.
    throw new StepFailure('RESTClientError', messageOf(error))
  }
}
