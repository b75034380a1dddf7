import { SluiceError } from '../base/errors/index.ts'
import { withConnection } from './connection.ts'
import { gitFailure } from './diagnose.ts'
import { runGit } from './process.ts'
import { checkRepositoryUrl } from './repository-url.ts'
import type { GitRemote } from './types.ts'

/** Bounds for a look at a remote. */
export interface ListRefsOptions {
  readonly signal?: AbortSignal
  /** Only refs that match one of these patterns of git-ls-remote(1); all when absent. */
  readonly patterns?: readonly string[]
  /** 60 000 when absent. */
  readonly timeoutMs?: number
}

/**
 * The refs of a remote, full name to object id; annotated tags come twice, the commit under `name^{}`, and `HEAD` is
 * there when the remote shows it. An empty repository gives an empty map. Fails with E_GIT_….
 */
export async function listRemoteRefs(remote: GitRemote, options: ListRefsOptions = {}): Promise<Map<string, string>> {
  const lines = await lsRemote(remote, [], options)
  const refs = new Map<string, string>()
  for (const line of lines) {
    const tab = line.indexOf('\t')
    if (tab === 40) refs.set(line.slice(tab + 1), line.slice(0, tab))
  }
  if (refs.size === 0) await checkSmartServer(remote, options)
  return refs
}

/**
 * Fails with E_GIT_NOT_A_GIT_SERVER when an http server without refs is none of git's: for git, a web page is an empty
 * list of refs of its old ("dumb") protocol. The answer's type, which git's own trace tells, makes the difference.
 */
async function checkSmartServer(remote: GitRemote, options: ListRefsOptions): Promise<void> {
  const { href, scheme } = checkRepositoryUrl(remote.url, { allowPlainHttp: remote.allowPlainHttp === true })
  if (scheme === 'ssh') return
  const result = await withConnection(remote, ({ url, ...environment }) =>
    runGit(['ls-remote', '-q', '--', url.href], {
      ...environment,
      // Authorization headers do not come in the trace (GIT_TRACE_REDACT), and stderr is redacted besides.
      env: { ...environment.env, GIT_TRACE_CURL: '2', GIT_TRACE_CURL_NO_DATA: '1', GIT_TRACE_REDACT: '1' },
      timeoutMs: options.timeoutMs ?? 60_000,
      ...(options.signal && { signal: options.signal }),
    }),
  )
  const type = /Recv header: *content-type: *([^\s;]+)/i.exec(result.stderr)?.[1] ?? 'unknown'
  if (result.exitCode === 0 && type !== 'application/x-git-upload-pack-advertisement') {
    throw new SluiceError('E_GIT_NOT_A_GIT_SERVER', {
      object: href,
      expected: "an answer of git's smart protocol",
      seen: `an answer of type ${type}`,
    })
  }
}

/** The branch that a remote's HEAD names, in short form, also while it has no commit; undefined when it names none. */
export async function remoteDefaultBranch(
  remote: GitRemote,
  options: ListRefsOptions = {},
): Promise<string | undefined> {
  const lines = await lsRemote(remote, ['--symref'], { ...options, patterns: ['HEAD'] })
  return /^ref: refs\/heads\/(.+)\tHEAD$/.exec(lines.find(line => line.startsWith('ref: ')) ?? '')?.[1]
}

async function lsRemote(remote: GitRemote, flags: readonly string[], options: ListRefsOptions): Promise<string[]> {
  return withConnection(remote, async ({ url, ...environment }) => {
    const result = await runGit(['ls-remote', '-q', ...flags, '--', url.href, ...(options.patterns ?? [])], {
      ...environment,
      timeoutMs: options.timeoutMs ?? 60_000,
      ...(options.signal && { signal: options.signal }),
    })
    if (result.exitCode !== 0) throw gitFailure(result, url.href)
    return result.stdout.toString('utf8').split('\n')
  })
}
