import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { writeFileAtomic } from '../base/atomic-file.ts'
import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import { fingerprintOf } from '../credentials/fingerprint.ts'
import { credentialHost } from '../credentials/host.ts'
import type { ForgeIdentity } from '../forges/types.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { parseEnvFile, replaceInEnvFile } from '../secrets/env-file.ts'
import { expiresAnnotation, expiryToldAnnotation } from '../secrets/expiry.ts'
import type { Secret } from '../secrets/secret.ts'
import type { CredentialMeta, SecretStore } from '../secrets/store.ts'
import { type CredentialHolder, credentialHolders, type HeldBy } from './credential-holders.ts'
import { reconcileNow } from './reconcile.ts'
import { endRotation, readRotation, writeRotation } from './rotation-journal.ts'

/** Runs one effect on the world; tests end the process there. */
export type RotateEffect = <T>(name: string, work: () => Promise<T>) => Promise<T>

/** One token for one host, to be replaced everywhere. */
export interface TokenRotation {
  readonly host: string
  /** What is replaced; several when sources held different ones. */
  readonly old: readonly Secret[]
  readonly next: Secret
  readonly client?: KubeClient
  readonly store: SecretStore
  /** Env files to change too: only those that were named. */
  readonly envFiles: readonly string[]
  readonly dataDir: string
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly effect?: RotateEffect
}

/** A place that holds the token. */
export type RotationTarget =
  | { readonly kind: 'secret'; readonly holder: CredentialHolder; readonly state: 'old' | 'new' }
  | { readonly kind: 'env-file'; readonly path: string; readonly state: 'old' | 'new' }
  | { readonly kind: 'store'; readonly meta: CredentialMeta; readonly state: 'old' | 'new' }

const digest = (text: string) => createHash('sha256').update(text).digest('hex')

/** Digests of the values that are replaced: the ones at hand, and those of a run that was ended on its way to the same token. */
async function oldDigests({ dataDir, host, old, next }: TokenRotation): Promise<Set<string>> {
  const nextDigest = digest(next.reveal())
  const before = await readRotation(dataDir, host)
  const digests = new Set(old.map(one => digest(one.reveal())))
  if (before?.next === nextDigest) for (const one of before.old) digests.add(one)
  digests.delete(nextDigest)
  return digests
}

/**
 * Every place that holds the old token for this host, or the new one already. Reads only. Secrets are matched by digest, so
 * one that holds another token of the same host stays as it is.
 *
 * @throws E_ROTATE_NOTHING
 */
export async function planRotation(rotation: TokenRotation): Promise<RotationTarget[]> {
  const { host, next, client, store, envFiles, signal } = rotation
  const old = await oldDigests(rotation)
  const nextDigest = digest(next.reveal())
  const stateOf = (found: string | undefined) =>
    found === nextDigest ? 'new' : found !== undefined && old.has(found) ? 'old' : undefined
  const targets: RotationTarget[] = []
  for (const holder of client ? await credentialHolders(client, { host, signal }) : []) {
    const state = holder.key === 'identity' ? undefined : stateOf(holder.digest)
    if (state) targets.push({ kind: 'secret', holder, state })
  }
  for (const path of envFiles) {
    const values = [...parseEnvFile(await read(path), path).values()]
    const state = values.some(value => stateOf(digest(value)) === 'old')
      ? 'old'
      : values.some(value => stateOf(digest(value)) === 'new')
        ? 'new'
        : undefined
    if (state) targets.push({ kind: 'env-file', path, state })
  }
  for (const meta of await store.list()) {
    if (meta.kind !== 'token' || credentialHost(meta.host) !== host) continue
    const found = [...old, nextDigest].find(one => one.startsWith(meta.fingerprint))
    const state = stateOf(found)
    if (state) targets.push({ kind: 'store', meta, state })
  }
  if (targets.length === 0) throw new SluiceError('E_ROTATE_NOTHING', { object: host })
  return targets
}

/**
 * Puts the new token in the place of the old one: Secrets, env files, the store last, which is where the next run would
 * look for the old one. Each write is whole and safe to repeat; ended anywhere, the same call finishes it.
 */
export async function applyRotation(
  rotation: TokenRotation,
  targets: readonly RotationTarget[],
  identity: ForgeIdentity | undefined,
): Promise<void> {
  const { dataDir, host, next, clock, store } = rotation
  const effect: RotateEffect = rotation.effect ?? ((_, work) => work())
  const journal = {
    host,
    old: [...(await oldDigests(rotation))],
    next: digest(next.reveal()),
    started: clock.now().toISOString(),
  }
  await effect('rotate.journal', () => writeRotation(dataDir, journal))
  const todo = targets.filter(target => target.state === 'old')
  for (const target of todo)
    if (target.kind === 'secret')
      await effect('rotate.secret', () => swapSecret(rotation, target.holder, identity?.expiresAt))
  for (const target of todo)
    if (target.kind === 'env-file') await effect('rotate.env', () => swapEnvFile(rotation, target.path, journal.old))
  for (const target of todo) {
    if (target.kind !== 'store') continue
    const { expires: _, owner: __, ...kept } = target.meta
    const now = clock.now().toISOString()
    const meta: CredentialMeta = {
      ...kept,
      fingerprint: fingerprintOf('token', next),
      added: now,
      ...(identity ? { proven: now } : {}),
      ...(identity && identity.login !== '' ? { owner: identity.login } : {}),
      ...(identity?.expiresAt === undefined ? {} : { expires: identity.expiresAt }),
    }
    await effect('rotate.store', () => store.put(meta, { secret: next }, { replace: true }))
  }
}

/** Waits until every source that fetches with the new token is Ready with it, then forgets the rotation. */
export async function awaitRotation(
  rotation: TokenRotation,
  targets: readonly RotationTarget[],
  options: { readonly timeoutMs: number; readonly onProgress?: (text: string) => void },
): Promise<{ readonly ready: readonly HeldBy[]; readonly suspended: readonly HeldBy[] }> {
  const { client, dataDir, host, signal } = rotation
  const sources = targets.flatMap(target => (target.kind === 'secret' ? target.holder.sources : []))
  const ready = sources.filter(source => !source.suspended)
  for (const { kind, namespace, name } of client ? ready : []) {
    try {
      await reconcileNow({ client: client!, kind, namespace, name, withSource: false, signal, ...options })
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof SluiceError)) throw error
      throw new SluiceError('E_ROTATE_NOT_READY', {
        object: `${kind.kind}/${namespace}/${name}`,
        seen: error.facts.seen ?? error.message,
        cause: error,
      })
    }
  }
  await endRotation(dataDir, host)
  return { ready, suspended: sources.filter(source => source.suspended) }
}

async function swapSecret(
  { client, next, signal }: TokenRotation,
  holder: CredentialHolder,
  expires: string | undefined,
): Promise<void> {
  const { namespace, name, key, resourceVersion } = holder
  const ref = { group: '', version: 'v1', kind: 'Secret', namespace, name }
  const patch = {
    metadata: {
      // A Secret that changed since it was read is not overwritten: the next run looks again.
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      annotations: { [expiresAnnotation]: expires ?? null, [expiryToldAnnotation]: null },
    },
    data: { [key!]: Buffer.from(next.reveal()).toString('base64') },
  }
  await client!.patch(ref, 'merge', patch, { fieldManager: 'flux', signal })
}

async function swapEnvFile({ next }: TokenRotation, path: string, old: readonly string[]): Promise<void> {
  let text = await read(path)
  const held = new Set([...parseEnvFile(text, path).values()].filter(value => old.includes(digest(value))))
  for (const value of held) {
    const changed = replaceInEnvFile(text, path, value, next.reveal())
    if (changed === undefined) {
      throw new SluiceError('E_TOKEN_FILE', {
        object: path,
        expected: 'the token on one line, as it is',
        seen: 'a form with escapes or line breaks',
        next: 'Change this file by hand; everything else goes on when the command is run again without --env-file.',
      })
    }
    text = changed
  }
  const { mode } = await stat(path)
  await writeFileAtomic(path, text, mode & 0o700)
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new SluiceError('E_FILE_READ', {
      object: path,
      seen: (error as NodeJS.ErrnoException).code ?? String(error),
      cause: error,
    })
  }
}
