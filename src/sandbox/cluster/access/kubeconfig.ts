import type { Secret } from '../../../secrets/secret.ts'

const name = 'sluice-sandbox'

/** A kubeconfig for the cluster's administrator, as YAML. It holds the token: write it with mode 0600 only. */
export function kubeconfigText(url: string, caPem: string, token: Secret): string {
  return `apiVersion: v1
kind: Config
clusters:
- name: ${name}
  cluster:
    server: ${url}
    certificate-authority-data: ${Buffer.from(caPem).toString('base64')}
users:
- name: ${name}-admin
  user:
    token: ${token.reveal()}
contexts:
- name: ${name}
  context:
    cluster: ${name}
    user: ${name}-admin
current-context: ${name}
`
}
