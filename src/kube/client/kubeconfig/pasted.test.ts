import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { contextsIn, pastedKubeConfig } from './pasted.ts'

const config = (cluster: string, user: string) => `apiVersion: v1
kind: Config
current-context: here
contexts:
- name: here
  context: { cluster: c, user: u }
- name: there
  context: { cluster: c, user: u }
clusters:
- name: c
  cluster: { ${cluster} }
users:
- name: u
  user: { ${user} }
`
const read = (text: string) => pastedKubeConfig(text, undefined, systemClock)

describe('a kubeconfig that came from elsewhere', () => {
  it('is used with a token', async () => {
    const access = await read(config('server: https://10.0.0.1:6443', 'token: tok-1234567890'))
    expect(access).toMatchObject({ name: 'here', server: 'https://10.0.0.1:6443' })
    expect((await access.credentials.current()).token?.reveal()).toBe('tok-1234567890')
    expect(contextsIn(config('server: https://a', ''))).toEqual({ names: ['here', 'there'], current: 'here' })
  })

  it.each([
    ['exec', 'server: https://a', 'exec: { apiVersion: client.authentication.k8s.io/v1, command: /bin/sh }'],
    ['auth-provider', 'server: https://a', 'auth-provider: { name: gcp }'],
    ['tokenFile', 'server: https://a', 'tokenFile: /etc/shadow'],
    ['client-key', 'server: https://a', 'client-key: /root/key.pem'],
    ['client-certificate', 'server: https://a', 'client-certificate: ../crt.pem'],
    ['certificate-authority', 'server: https://a, certificate-authority: /etc/passwd', 'token: abc'],
    ['insecure-skip-tls-verify', 'server: https://a, insecure-skip-tls-verify: true', 'token: abc'],
  ])('is refused by name with %s', async (field, cluster, user) => {
    await expect(read(config(cluster, user))).rejects.toMatchObject({
      code: 'E_KUBECONFIG_INVALID',
      facts: { object: expect.stringContaining(field) },
    })
  })

  it('is refused when it names no context that it has', async () => {
    const text = config('server: https://a', 'token: abc')
    await expect(pastedKubeConfig(text, 'gone', systemClock)).rejects.toMatchObject({ code: 'E_KUBECONFIG_CONTEXT' })
    await expect(read('- 1')).rejects.toMatchObject({ code: 'E_KUBECONFIG_INVALID' })
  })
})
