import { SluiceError } from '../base/errors/index.ts'
import type { KubeObject } from '../kube/object.ts'
import type { Secret } from '../secrets/secret.ts'

/**
 * The Secret of `--registry-creds`: a docker configuration for the registry's host, as `flux bootstrap` makes it. It goes
 * to the cluster alone, never to Git.
 *
 * @throws SluiceError E_FLUX_OPTION when the text is not `user:password`
 */
export function pullSecret(
  credential: Secret,
  { name, namespace, registry }: { readonly name: string; readonly namespace: string; readonly registry: string },
): KubeObject {
  const [, username, password] = /^([^:\s]+):(\S+)\s*$/.exec(credential.reveal()) ?? []
  if (username === undefined || password === undefined)
    throw new SluiceError('E_FLUX_OPTION', {
      object: '--registry-creds-file',
      expected: 'one line user:password',
      seen: 'something else',
    })
  const [host = registry] = registry.split('/')
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  const config = JSON.stringify({ auths: { [host]: { username, password, auth } } })
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
  }
}
