import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import type { DeployKey, Forge } from '../forges/types.ts'
import { listRemoteRefs } from '../git/index.ts'
import { keyFingerprint, type PublicKey, parsePublicKey } from '../git/public-key.ts'
import type { GitAuth } from '../git/types.ts'

/** What a deploy key is for: its title names the cluster and Sluice, so that people know it on the host's page. */
export function deployKeyTitle(at: { cluster: string; namespace: string; branch: string; path: string }): string {
  return `sluice ${at.cluster}: ${at.namespace}-${at.branch}-${at.path}`.slice(0, 180)
}

/** The title of one key: some hosts want titles to be unique, and two keys are there while one is replaced. */
function titleOf(title: string, key: PublicKey): string {
  return `${title} ${keyFingerprint(key.body).slice(7, 15)}`
}

/** The title without the part that names the key. */
export function titleStem(title: string): string {
  return title.replace(/ [A-Za-z0-9+/]{8}$/, '')
}

/** A repository on a forge. */
export interface DeployKeyPlace {
  readonly forge: Forge
  readonly owner: string
  readonly repository: string
}

/**
 * Makes sure that the repository has the key, with the right to push or without it. A key that is there with the other
 * right is made anew. Fails with E_FORGE_NOT_SUPPORTED, E_FORGE_KEY_IN_USE and the host's refusals.
 */
export async function ensureDeployKey(
  { forge, owner, repository }: DeployKeyPlace,
  key: PublicKey,
  { title, readOnly }: { readonly title: string; readonly readOnly: boolean },
  signal?: AbortSignal,
): Promise<'kept' | 'added'> {
  if (!readOnly && forge.capabilities.deployKeys === 'read-only') {
    throw new SluiceError('E_FORGE_NOT_SUPPORTED', {
      object: forge.host,
      expected: 'to add a deploy key that may push',
      seen: 'deploy keys that only fetch',
      next: 'Leave --read-write-key out: the engine only fetches.',
    })
  }
  const there = (await forge.deployKeys(owner, repository, signal)).find(one => isKey(one, key))
  if (there?.readOnly === readOnly) return 'kept'
  if (there) await forge.removeDeployKey(owner, repository, there.id, signal)
  try {
    await forge.addDeployKey(
      owner,
      repository,
      { title: titleOf(title, key), key: `${key.type} ${key.body}`, readOnly },
      signal,
    )
  } catch (error) {
    // The answer to an earlier try may have been lost: the key is there, and that is what is wanted.
    const inUse = error instanceof SluiceError && error.code === 'E_FORGE_KEY_IN_USE'
    if (!inUse || !(await forge.deployKeys(owner, repository, signal)).some(one => isKey(one, key))) throw error
  }
  return 'added'
}

/**
 * Removes the keys of a title but the one that is used, and the ones with these fingerprints: leftovers of runs that were
 * ended, and keys that were replaced. Gives the titles of what went.
 */
export async function removeOldDeployKeys(
  { forge, owner, repository }: DeployKeyPlace,
  used: PublicKey,
  old: { readonly title?: string; readonly fingerprints?: readonly string[] },
  signal?: AbortSignal,
): Promise<string[]> {
  const removed: string[] = []
  for (const one of await forge.deployKeys(owner, repository, signal)) {
    const parsed = parsePublicKey(one.key)
    if (!parsed || parsed.body === used.body) continue
    const isOld =
      (old.title !== undefined && titleStem(one.title) === old.title) ||
      old.fingerprints?.includes(keyFingerprint(parsed.body)) === true
    if (!isOld) continue
    await forge.removeDeployKey(owner, repository, one.id, signal)
    removed.push(one.title)
  }
  return removed
}

const proveTries = 8
const proveDelayMs = 750

/** Fetches the list of refs with a key: proof that the host takes it. A new key is waited for, as hosts see it a little later. */
export async function proveSshKey(
  url: string,
  auth: Extract<GitAuth, { kind: 'ssh' }>,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal },
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await listRemoteRefs({ url, auth }, { ...(signal && { signal }) })
      return
    } catch (error) {
      const notYet =
        error instanceof SluiceError &&
        (error.code === 'E_GIT_AUTHENTICATION' || error.code === 'E_GIT_REPOSITORY_NOT_FOUND')
      if (!notYet || tries >= proveTries) throw error
      await clock.sleep(proveDelayMs, signal)
    }
  }
}

function isKey(one: DeployKey, key: PublicKey): boolean {
  return parsePublicKey(one.key)?.body === key.body
}
