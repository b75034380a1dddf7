import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { killGroup, spawnGit } from '../../git/index.ts'
import { redact } from '../../secrets/secret.ts'
import type { ForgeContext } from './context.ts'
import { repositoryFolder, type StoredRepository } from './repositories.ts'

/** The two services of the smart protocol. */
export type GitService = 'upload-pack' | 'receive-pack'

/** Settings of the git processes that serve. */
export const servingConfig: readonly (readonly [string, string])[] = [
  ['uploadpack.allowFilter', 'true'],
  ['receive.autogc', 'false'],
  ['receive.hideRefs', 'refs/pull'],
  ['core.fsync', 'committed,loose-object,reference'],
  ['core.fsyncMethod', 'batch'],
]

/** The longest that one exchange with git may take. */
const exchangeTimeoutMs = 300_000

/** Starts upload-pack or receive-pack on a repository. */
export function startService(
  context: ForgeContext,
  service: GitService,
  repository: StoredRepository,
  protocol: string | undefined,
  config: readonly (readonly [string, string])[] = [],
): ChildProcessWithoutNullStreams {
  const gitDir = repositoryFolder(context.dataDir, repository)
  const child = spawnGit([service, '--stateless-rpc', gitDir], {
    config: [...servingConfig, ...config, ['safe.directory', gitDir]],
    env: serviceEnvironment(gitDir, protocol),
  })
  child.stdin.on('error', () => {})
  return child
}

/**
 * Resolves when a serving process has ended. When the client goes away, upload-pack is killed, and receive-pack gets the
 * end of its input: it then undoes or finishes by itself, so that what it did to the refs is known.
 */
export function ended(
  context: ForgeContext,
  child: ChildProcessWithoutNullStreams,
  body: Readable,
  response: ServerResponse,
  onGone: 'kill' | 'end input',
): Promise<number> {
  return new Promise(resolve => {
    let stderr = ''
    const stop = () => killGroup(child)
    const gone = () => {
      if (response.writableFinished) return
      child.stdout.resume()
      if (onGone === 'kill') stop()
      else child.stdin.end()
    }
    const timer = setTimeout(stop, exchangeTimeoutMs)
    response.once('close', gone)
    body.once('error', gone)
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-2000)
    })
    child.once('error', () => resolve(-1))
    child.once('close', code => {
      clearTimeout(timer)
      response.off('close', gone)
      body.off('error', gone)
      if (code !== 0 && stderr !== '')
        context.logger.debug('a git service ended with an error', { code, stderr: redact(stderr) })
      resolve(code ?? -1)
    })
  })
}

/** Variables of a git process that serves. */
export function serviceEnvironment(gitDir: string, protocol: string | undefined): Record<string, string> {
  const env: Record<string, string> = { GIT_CEILING_DIRECTORIES: gitDir }
  if (protocol !== undefined) env['GIT_PROTOCOL'] = protocol
  return env
}

/** The protocol that the client asks for, when it is one of the known forms. */
export function gitProtocol(request: IncomingMessage): string | undefined {
  const value = request.headers['git-protocol']
  return typeof value === 'string' && /^version=[012]$/.test(value) ? value : undefined
}

/** Plain text; git prints it after `remote:`. */
export function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    ...(status === 401 && { 'www-authenticate': 'Basic realm="GitHub"' }),
  })
  response.end(`${text}\n`)
}
