import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { commitObject, newObject, storeObjects, treeObject } from '../../git/objects.ts'
import type { Account } from './accounts.ts'
import type { StoredRepository } from './repositories.ts'

/** Writes the first commit of a repository (`auto_init`): a README with its name. */
export async function writeReadme(
  gitDir: string,
  repository: StoredRepository,
  account: Account,
  now: Date,
): Promise<void> {
  const about = repository.description ? `\n${repository.description}\n` : ''
  const blob = newObject('blob', Buffer.from(`# ${repository.name}\n${about}`))
  const tree = treeObject([{ name: 'README.md', mode: '100644', id: blob.id }])
  const author = {
    name: account.name ?? account.login,
    email: account.email ?? `${account.login}@users.noreply.localhost`,
  }
  const commit = commitObject({
    tree: tree.id,
    parents: [],
    author,
    committer: author,
    date: now,
    message: 'Initial commit',
  })
  await storeObjects(gitDir, [blob, tree, commit])
  const ref = join(gitDir, 'refs/heads', repository.defaultBranch)
  await mkdir(dirname(ref), { recursive: true })
  await writeFile(ref, `${commit.id}\n`, { flag: 'wx' })
}
