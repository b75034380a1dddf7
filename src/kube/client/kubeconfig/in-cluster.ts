import type { Clock } from '../../../base/clock.ts'
import type { ClusterAccess } from '../access.ts'
import { type Environment, readNamedFile } from './files.ts'
import { TokenFile } from './token-file.ts'

/** Where Kubernetes mounts the service account of a pod. */
const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The access that a pod has to its own cluster; undefined outside of one. */
export async function inClusterAccess(
  env: Environment,
  clock: Clock,
  folder = serviceAccount,
): Promise<ClusterAccess | undefined> {
  const host = env['KUBERNETES_SERVICE_HOST']
  const port = env['KUBERNETES_SERVICE_PORT']
  if (!host || !port) return undefined
  const ca = await readNamedFile(`${folder}/ca.crt`, 'in-cluster certificate authority')
  const namespace = await readNamedFile(`${folder}/namespace`, 'in-cluster namespace').catch(() => '')
  return {
    name: 'in-cluster',
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    namespace: namespace.trim() || 'default',
    tls: { ca, insecure: false },
    credentials: new TokenFile(`${folder}/token`, clock),
  }
}
