import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SluiceError } from '../base/errors/index.ts'
import { redact, type Secret } from '../secrets/secret.ts'

const run = promisify(execFile)

/** A clone on disk, worked on with plain git as a person would: clone, edit, commit, push. */
export interface Checkout {
  readonly folder: string
  read(path: string): Promise<string>
  write(path: string, text: string): Promise<void>
  /** Commits everything; gives the commit's hash. */
  commit(message: string): Promise<string>
  push(): Promise<void>
}

/**
 * Clones a repository with the git on PATH. The token is handed over in the environment of git, scoped to the URL; it
 * stands in no argument, no URL and no file of the clone.
 *
 * @throws E_LOCAL_GIT with git's own words
 */
export async function cloneAsPerson(options: {
  readonly url: string
  readonly token: Secret
  readonly user: string
  readonly branch: string
  readonly folder: string
  readonly signal: AbortSignal
}): Promise<Checkout> {
  const { url, folder, signal } = options
  const basic = Buffer.from(`${options.user}:${options.token.reveal()}`).toString('base64')
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${new URL(url).origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
  }
  const git = async (...args: string[]) => {
    try {
      return (await run('git', args, { cwd: folder, env, signal, timeout: 60_000 })).stdout.trim()
    } catch (error) {
      signal.throwIfAborted()
      const { stderr = '', message } = error as { stderr?: string; message: string }
      throw new SluiceError('E_LOCAL_GIT', {
        object: `git ${args[0]}`,
        seen: redact(stderr.trim() || message),
        cause: error,
      })
    }
  }
  await git('clone', '-q', '--branch', options.branch, '--', url, '.')
  await git('config', 'user.name', options.user)
  await git('config', 'user.email', `${options.user}@example.com`)
  return {
    folder,
    read: path => readFile(join(folder, path), 'utf8'),
    write: (path, text) => writeFile(join(folder, path), text),
    commit: async message => {
      await git('commit', '-q', '-a', '-m', message)
      return git('rev-parse', 'HEAD')
    },
    push: async () => {
      await git('push', '-q', 'origin', `HEAD:refs/heads/${options.branch}`)
    },
  }
}
