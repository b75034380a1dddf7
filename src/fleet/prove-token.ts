import { SluiceError } from '../base/errors/index.ts'
import type { CheckLine } from '../forges/index.ts'
import type { Forge, ForgeIdentity } from '../forges/types.ts'
import { checkRepositoryUrl, listRemoteRefs } from '../git/index.ts'
import type { RotationTarget } from './rotate-token.ts'

/** What a new token must be good for. */
export interface TokenProof {
  /** The host with the new token. */
  readonly next: Forge
  /** The host with the old one; undefined when it is not at hand. */
  readonly old?: Forge
  readonly targets: readonly RotationTarget[]
  readonly signal: AbortSignal
  readonly onLine?: (repository: string, line: CheckLine) => void
}

/**
 * Proves that a new token can do everything that the old one can: on each repository that is fetched with it, git reads
 * the refs for real, and the whole list of checks is run. What fails with both is none of the new one's. It never calls
 * anything that makes, renews or ends a token.
 *
 * @throws E_ROTATE_NOT_PROVEN with the first right that would be lost
 */
export async function proveToken(proof: TokenProof): Promise<{ identity: ForgeIdentity; notes: string[] }> {
  const { next, old, signal } = proof
  if (next.tokenProblem) throw next.tokenProblem
  const identity = await next.identify(signal)
  const before = await old?.identify(signal).catch(() => {
    signal.throwIfAborted()
    return undefined
  })
  const notes: string[] = []
  if (before && before.login !== identity.login)
    notes.push(`the new token belongs to ${identity.login}, the old one to ${before.login}`)
  for (const { owner, name, branch, url } of repositoriesOf(proof.targets, next)) {
    const target = { owner, personal: owner === identity.login, repository: name, branch }
    await listRemoteRefs({ ...next.remote(owner, name), ...(url.startsWith('http') ? { url } : {}) }, { signal }).catch(
      (error: unknown) => {
        signal.throwIfAborted()
        if (!(error instanceof SluiceError)) throw error
        throw notProven(`${owner}/${name}`, 'git to read the repository with the new token', error.message, error.next)
      },
    )
    const lost: CheckLine[] = []
    for await (const line of next.check(target, signal)) {
      proof.onLine?.(`${owner}/${name}`, line)
      if (line.status === 'fail') lost.push(line)
    }
    if (lost.length === 0) continue
    const could = before && old ? await passing(old, target, signal) : undefined
    const missing = lost.find(line => could === undefined || could.has(line.id))
    if (missing) throw notProven(`${owner}/${name}`, missing.title, missing.detail ?? 'a failure', missing.fix)
    notes.push(`${owner}/${name}: neither token passes "${lost[0]!.title}"`)
  }
  return { identity, notes }
}

/** Which checks the old token passes. */
async function passing(old: Forge, target: Parameters<Forge['check']>[0], signal: AbortSignal): Promise<Set<string>> {
  const passed = new Set<string>()
  for await (const line of old.check(target, signal))
    if (line.status !== 'fail' && line.status !== 'not-run') passed.add(line.id)
  return passed
}

interface ProvenRepository {
  readonly owner: string
  readonly name: string
  readonly branch: string
  readonly url: string
}

function repositoriesOf(targets: readonly RotationTarget[], forge: Forge): ProvenRepository[] {
  const found = new Map<string, ProvenRepository>()
  for (const target of targets) {
    if (target.kind !== 'secret') continue
    for (const { kind, url, branch = 'main' } of target.holder.sources)
      if (kind.kind === 'GitRepository')
        found.set(`${url} ${branch}`, { ...forge.namesOf(checkRepositoryUrl(url)), branch, url })
  }
  return [...found.values()]
}

function notProven(object: string, expected: string, seen: string, next: string | undefined): SluiceError {
  return new SluiceError('E_ROTATE_NOT_PROVEN', { object, expected, seen, ...(next === undefined ? {} : { next }) })
}
