import { join } from 'node:path'
import { openMirror, writeFiles } from '../../src/git/index.ts'
import { stringifyYaml } from '../../src/kube/yaml/index.ts'
import { startForge } from '../../src/sandbox/forge/index.ts'
import { appObjects } from './objects.ts'

/** A Git host with the repository of all applications. */
export interface AppRepository {
  readonly url: string
  /** Commits the applications with a value; resolves when the Git host has taken the push. */
  write(apps: readonly string[], cpu: string): Promise<string>
  /** Commits any files. */
  commit(files: Readonly<Record<string, string>>): Promise<string>
  close(): Promise<void>
}

/** Starts the sandbox's Git host in this process; `onPush` is its webhook. */
export async function openRepository(
  dataDir: string,
  onPush: (push: { url: string; ref: string; commit: string }) => void,
): Promise<AppRepository> {
  const forge = await startForge({ dataDir: join(dataDir, 'forge') })
  forge.admin.createUser({ login: 'octo' })
  await forge.admin.createRepository({ owner: 'octo', name: 'apps', private: false })
  const password = forge.admin.createToken({ user: 'octo', kind: 'classic', scopes: ['repo'] })
  const url = `${forge.url}/octo/apps.git`
  forge.onPush(event => onPush({ url, ref: event.ref, commit: event.after }))
  const commit = async (files: Readonly<Record<string, string>>): Promise<string> => {
    const mirror = await openMirror(join(dataDir, 'person'))
    try {
      const result = await writeFiles({
        mirror,
        remote: { url, auth: { kind: 'basic', username: 'octo', password } },
        branch: 'main',
        changes: Object.entries(files).map(([path, content]) => ({ path, content })),
        message: 'Change the applications\n',
        author: { name: 'bench', email: 'bench@example.com' },
      })
      if (result.commit === undefined) throw new Error('nothing was committed')
      return result.commit
    } finally {
      await mirror.close()
    }
  }
  return {
    url,
    commit,
    write: (apps, cpu) => {
      const text = appObjects(cpu).map(stringifyYaml).join('---\n')
      return commit(Object.fromEntries(apps.map(app => [`apps/${app}/app.yaml`, text])))
    },
    close: () => forge.close(),
  }
}
