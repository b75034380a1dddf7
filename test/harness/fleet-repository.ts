import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGitHubForge } from '../../src/forges/index.ts'
import { type Commit, type Mirror, openMirror, writeFiles } from '../../src/git/index.ts'
import type { Secret } from '../../src/secrets/secret.ts'
import type { LocalFixture } from './local-fixture.ts'

/** The fleet's repository, as somebody beside Sluice reads it and pushes to it. */
export interface FleetRepository {
  /** Commits files; undefined removes one. Gives the commit. */
  push(files: Record<string, string | undefined>, message?: string): Promise<string>
  read(path: string): Promise<string>
  /** Commits of the branch, newest first. */
  log(): Promise<readonly Commit[]>
}

/** A sandbox forge, and a token for it. */
export interface ForgeAt {
  readonly url: string
  readonly token: Secret
}

export function fleetRepositoryOf(
  fixture: LocalFixture,
  name = 'fleet',
  branch = 'main',
  host: ForgeAt = { url: fixture.system.forge.url, token: fixture.system.token },
): FleetRepository {
  async function withMirror<T>(work: (mirror: Mirror, remote: ReturnType<typeof remoteOf>) => Promise<T>): Promise<T> {
    const dir = await mkdtemp(join(tmpdir(), 'sluice-test-mirror-'))
    const mirror = await openMirror(dir)
    try {
      return await work(mirror, remoteOf(host, name))
    } finally {
      await mirror.close()
      await rm(dir, { recursive: true, force: true })
    }
  }
  return {
    push: (files, message = 'By hand\n') =>
      withMirror(async (mirror, remote) => {
        const changes = Object.entries(files).map(([path, content]) => ({ path, content }))
        const author = { name: 'Somebody', email: 'somebody@example.com' }
        const { commit } = await writeFiles({ mirror, remote, branch, changes, message, author })
        if (commit === undefined) throw new Error('nothing was written')
        return commit
      }),
    read: path =>
      withMirror(async (mirror, remote) => {
        const { commit } = await mirror.fetch(remote, `refs/heads/${branch}`)
        return String(await mirror.tree(commit).read(path))
      }),
    log: () =>
      withMirror(async (mirror, remote) => {
        const { commit } = await mirror.fetch(remote, `refs/heads/${branch}`, { depth: Infinity })
        return mirror.log(commit)
      }),
  }
}

function remoteOf({ url, token }: ForgeAt, name: string) {
  const forge = createGitHubForge({ host: url, token, userAgent: 'test' })
  return forge.remote('acme', name)
}
