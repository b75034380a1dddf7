import { describe, expect, it } from 'vitest'
import { type CreateForge, createForge } from '../forges/index.ts'
import { Secret } from '../secrets/secret.ts'
import { fleetRepository } from './repository-remote.ts'

const on = (kind: Exclude<CreateForge['kind'], 'git'>, host: string) =>
  createForge({ kind, host, token: Secret.of('Q7wLr2Kd9XbTzM4pVc8N'), userAgent: 'test' })

describe('the repository that a cluster follows', () => {
  it.each([
    ['github', 'github.com', 'https://github.com/acme/fleet.git', 'acme', 'fleet'],
    ['github', 'github.com', 'ssh://git@github.com/acme/fleet', 'acme', 'fleet'],
    ['github', 'github.com', 'ssh://git@ssh.github.com:443/acme/fleet', 'acme', 'fleet'],
    ['azure-devops', 'dev.azure.com/acme', 'ssh://git@ssh.dev.azure.com/v3/acme/Ops/prod', 'Ops', 'prod'],
    ['gitlab', 'gitlab.com', 'https://gitlab.com/acme/platform/fleet.git', 'acme/platform', 'fleet'],
    ['gitlab', 'gitlab.com', 'ssh://git@gitlab.com/acme/platform/fleet.git', 'acme/platform', 'fleet'],
    ['gitlab', 'git.example.com/gitlab', 'https://git.example.com/gitlab/acme/fleet.git', 'acme', 'fleet'],
    ['bitbucket-server', 'git.example.com', 'https://git.example.com/scm/fleet/prod.git', 'fleet', 'prod'],
    ['azure-devops', 'dev.azure.com/acme', 'https://dev.azure.com/acme/Fleet%20Team/_git/prod', 'Fleet Team', 'prod'],
  ] as const)('on %s at %s is named by %s', (kind, host, url, owner, name) => {
    expect(fleetRepository(on(kind, host), url)).toMatchObject({ owner, name })
  })

  it('gets no token of another kind of host', () => {
    const forge = createForge({
      kind: 'github',
      host: 'github.com',
      token: Secret.of('glpat-Q7wLr2Kd9XbTzM4pVc8N'),
      userAgent: 'test',
    })
    expect(() => fleetRepository(forge, 'https://github.com/acme/fleet.git')).toThrow(/GitLab/)
  })

  it('on another host gets no credential', () => {
    expect(() => fleetRepository(on('github', 'github.com'), 'https://evil.example.com/acme/fleet.git')).toThrow(
      'expected a repository on github.com, seen evil.example.com',
    )
  })
})
