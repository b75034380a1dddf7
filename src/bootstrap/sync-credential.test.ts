import { describe, expect, it } from 'vitest'
import { createForge } from '../forges/index.ts'
import { Secret } from '../secrets/secret.ts'
import { isSameRepository } from './sync-credential.ts'

type ApiKind = 'github' | 'bitbucket-server' | 'azure-devops'
const same = (kind: ApiKind, host: string, a: string, b: string) =>
  isSameRepository(createForge({ kind, host, token: Secret.of('x'.repeat(40)), userAgent: 'test' }), a, b)

describe('one repository by HTTPS and by SSH', () => {
  it.each([
    ['github', 'github.com', 'https://github.com/acme/fleet.git', 'ssh://git@github.com/acme/fleet'],
    ['github', 'github.com', 'https://github.com/acme/fleet.git', 'ssh://git@ssh.github.com:443/acme/fleet'],
    ['bitbucket-server', 'h.example', 'https://h.example/scm/OPS/fleet.git', 'ssh://git@h.example:7999/OPS/fleet.git'],
    [
      'azure-devops',
      'dev.azure.com/acme',
      'https://dev.azure.com/acme/Ops/_git/fleet',
      'ssh://git@ssh.dev.azure.com/v3/acme/Ops/fleet',
    ],
  ] as const)('is known as one: %s at %s', (kind, host, https, ssh) => {
    expect([same(kind, host, https, ssh), same(kind, host, ssh, https)]).toEqual([true, true])
  })

  it.each([
    ['ssh://git@github.com/acme/other'],
    ['ssh://git@evil.example/acme/fleet'],
    ['https://github.com/acme/fleet.git'],
    ['https://github.com/acme/other.git'],
    ['nonsense'],
  ])('is not %s', url => expect(same('github', 'github.com', 'https://github.com/acme/fleet.git', url)).toBe(false))
})
