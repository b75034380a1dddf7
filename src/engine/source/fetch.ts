import { parseDuration } from '../../base/duration.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { GitRemote } from '../../git/index.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { GitRepository } from '../../specs/flux/git-repository.ts'
import { messageOf, StepFailure } from '../failure.ts'
import { accessFrom } from './auth.ts'
import { type FollowedRef, formatRevision } from './ref.ts'
import { wasRewritten } from './rewritten.ts'
import type { Snapshots } from './snapshots.ts'

/** Reads a Secret of a namespace; undefined when it does not exist. */
export type ReadSecret = (namespace: string, name: string) => Promise<KubeObject | undefined>

/** What a source stands at. */
export interface Fetch {
  readonly commit: string
  readonly revision: string
  /** The git object id of the root tree. */
  readonly tree: string
  /** First line of the commit's message. */
  readonly subject: string
  /** Whether the commits before were thrown away by a force-push. */
  readonly rewritten: boolean
}

/** How to reach the repository of an object. */
export async function remoteOf(object: GitRepository, readSecret: ReadSecret): Promise<GitRemote> {
  const { url, secretRef, proxySecretRef } = object.spec
  const namespace = object.metadata.namespace ?? ''
  let remote: GitRemote = { url }
  if (secretRef !== undefined) {
    const secret = await readSecret(namespace, secretRef.name)
    remote = { ...remote, ...accessFrom(secret, url, `${namespace}/${secretRef.name}`) }
  }
  if (proxySecretRef !== undefined) {
    const secret = await readSecret(namespace, proxySecretRef.name)
    const data = (secret?.['data'] ?? {}) as Readonly<Record<string, string>>
    const address = Buffer.from(data['address'] ?? '', 'base64').toString('utf8')
    if (address === '' || data['username'] !== undefined) {
      throw new StepFailure(
        'AuthenticationFailed',
        `proxy secret '${namespace}/${proxySecretRef.name}': expected the key 'address' and no 'username': proxies with a login are not supported`,
      )
    }
    remote = { ...remote, proxy: address }
  }
  return remote
}

/**
 * Brings the mirror up to date with the ref that the object follows. One exchange with the server also answers "nothing
 * new"; a failure leaves what is there as it was.
 */
export async function fetchSource(
  object: GitRepository,
  ref: Exclude<FollowedRef, { kind: 'unsupported' }>,
  snapshots: Snapshots,
  readSecret: ReadSecret,
  signal: AbortSignal,
): Promise<Fetch> {
  const remote = await remoteOf(object, readSecret)
  const timeoutMs = parseDuration(object.spec.timeout || '60s') ?? 60_000
  try {
    const mirror = await snapshots.mirror(object.spec.url)
    const commit = await fetchCommit()
    const found = await mirror.commit(commit)
    if (found === undefined) throw new Error(`commit ${commit} is not in what was fetched`)
    const label = ref.kind === 'ref' ? ref.label : ref.branch
    const revision = formatRevision(label, commit)
    const rewritten = await wasRewritten(mirror, object.status?.artifact?.revision, revision)
    return { commit, revision, tree: found.tree, subject: found.subject, rewritten }

    async function fetchCommit(): Promise<string> {
      if (ref.kind === 'ref') return (await mirror.fetch(remote, ref.ref, { signal, timeoutMs })).commit
      if ((await mirror.commit(ref.commit)) !== undefined) return ref.commit
      const branch = `refs/heads/${ref.branch || 'master'}`
      const { commit } = await mirror.fetch(remote, branch, { signal, timeoutMs, commit: ref.commit })
      // A server that does not give out the commit gives the branch instead: never build that in its place.
      if (commit !== ref.commit)
        throw new StepFailure('GitOperationFailed', `commit ${ref.commit} is not in the repository`)
      return commit
    }
  } catch (error) {
    signal.throwIfAborted()
    throw fetchFailure(error)
  }
}

function fetchFailure(error: unknown): StepFailure {
  if (error instanceof StepFailure) return error
  const code = error instanceof SluiceError ? error.code : undefined
  const message = `failed to checkout and determine revision: ${messageOf(error)}`
  const next = error instanceof SluiceError ? `. ${error.next}` : ''
  if (code === 'E_GIT_AUTHENTICATION' || code === 'E_GIT_FORBIDDEN') {
    return new StepFailure('AuthenticationFailed', message + next, { cause: error, transient: true })
  }
  const reason = code === 'E_GIT_EMPTY_REPOSITORY' ? 'EmptyGitRepository' : 'GitOperationFailed'
  return new StepFailure(reason, message + next, { cause: error, transient: true })
}
