import { describe, expect, it } from 'vitest'
import { Secret } from '../secrets/secret.ts'
import { createForge, gitAddress } from './index.ts'

const open = (kind: 'github' | 'gitlab' | 'gitea' | 'bitbucket' | 'bitbucket-server' | 'azure-devops', host: string) =>
  createForge({ kind, host, token: Secret.of('x'.repeat(40)), userAgent: 'test' })

describe('owner and name of a repository by its address', () => {
  it.each([
    ['github', 'github.com', 'https://github.com/acme/fleet.git', 'acme', 'fleet'],
    ['github', 'github.com', 'git@github.com:acme/fleet.git', 'acme', 'fleet'],
    ['gitlab', 'gitlab.com', 'https://gitlab.com/acme/platform/eu/fleet.git', 'acme/platform/eu', 'fleet'],
    ['gitlab', 'git.example.com/gitlab', 'https://git.example.com/gitlab/acme/fleet.git', 'acme', 'fleet'],
    ['gitlab', 'git.example.com/gitlab', 'ssh://git@git.example.com/acme/fleet.git', 'acme', 'fleet'],
    ['gitea', 'codeberg.org', 'ssh://git@codeberg.org/acme/fleet', 'acme', 'fleet'],
    ['bitbucket', 'bitbucket.org', 'https://bitbucket.org/acme/fleet.git', 'acme', 'fleet'],
    ['bitbucket-server', 'git.example.com', 'https://git.example.com/scm/ops/fleet.git', 'ops', 'fleet'],
    ['bitbucket-server', 'git.example.com', 'ssh://git@git.example.com:7999/ops/fleet.git', 'ops', 'fleet'],
    ['azure-devops', 'dev.azure.com/acme', 'https://dev.azure.com/acme/My%20Project/_git/fleet', 'My Project', 'fleet'],
    ['azure-devops', 'dev.azure.com/acme', 'ssh://git@ssh.dev.azure.com/v3/acme/Ops/fleet', 'Ops', 'fleet'],
  ] as const)('%s at %s: %s', (kind, host, address, owner, name) => {
    expect(open(kind, host).namesOf(gitAddress(address))).toEqual({ owner, name })
  })

  it.each([
    ['github', 'github.com', 'acme'],
    ['gitlab', 'git.example.com/gitlab', 'acme/platform'],
    ['bitbucket-server', 'git.example.com/bitbucket', 'ops'],
    ['azure-devops', 'dev.azure.com/acme', 'My Project'],
  ] as const)('is the other way of the address that is pushed to: %s at %s', (kind, host, owner) => {
    const forge = open(kind, host)
    expect(forge.namesOf(gitAddress(forge.remote(owner, 'fleet').url))).toEqual({ owner, name: 'fleet' })
  })
})
