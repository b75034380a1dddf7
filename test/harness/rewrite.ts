import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { git } from './git.ts'
import type { LocalFixture } from './local-fixture.ts'

/** What somebody else does to the fleet's repository behind the back of a command. */
export interface Somebody {
  /** Puts the branch, by force, where it was so many commits ago; 'nothing of it' gives it a history of another project. */
  forcePush(back: number | 'nothing of it'): Promise<void>
  /** Deletes the repository, as its owner does on the host's pages. */
  deleteRepository(): Promise<void>
}

export function somebodyOf({ system }: LocalFixture): Somebody {
  const basic = Buffer.from(`octo:${system.token.reveal()}`).toString('base64')
  const header = ['-c', `http.extraHeader=Authorization: Basic ${basic}`]
  const url = `${system.forge.url}/acme/fleet.git`
  return {
    async forcePush(back) {
      const folder = await mkdtemp(join(tmpdir(), 'sluice-test-force-'))
      try {
        if (back === 'nothing of it') {
          await git(folder, 'init', '-q', '-b', 'main')
          await writeFile(join(folder, 'index.html'), `<p>${randomUUID()}</p>\n`)
          await git(folder, 'add', '.')
          await git(folder, 'commit', '-qm', 'Another project')
        } else {
          await git(folder, ...header, 'clone', '-q', url, '.')
          await git(folder, 'reset', '-q', '--hard', `HEAD~${back}`)
        }
        await git(folder, ...header, 'push', '-qf', url, 'HEAD:refs/heads/main')
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    async deleteRepository() {
      const token = system.forge.admin.createToken({ user: 'octo', kind: 'classic', scopes: ['repo', 'delete_repo'] })
      const answer = await fetch(`${system.forge.apiUrl}/repos/acme/fleet`, {
        method: 'DELETE',
        headers: { authorization: `token ${token.reveal()}` },
      })
      if (answer.status !== 204) throw new Error(`the repository is still there: ${answer.status}`)
    },
  }
}
