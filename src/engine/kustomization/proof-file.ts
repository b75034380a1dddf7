import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { isObject } from '../../base/json.ts'
import type { Logger } from '../../base/log.ts'
import type { Proof } from '../apply/types.ts'
import { messageOf } from '../failure.ts'

/** Proofs of one Kustomization, by `refKey`. */
export type Proofs = ReadonlyMap<string, Proof>

/** Changes within this time are written together. */
const gatherMs = 2000
const version = 1

/**
 * Proofs kept over a restart of the engine: with them, a start on a cluster that is as it was left costs no call at all.
 * The file can be old, lost or damaged without harm: a proof only counts for the very object and reading that it was made
 * for, and one that is missing costs a dry run. It holds digests, no content.
 */
export class ProofFile {
  readonly #path: string
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #stop = new AbortController()
  #loaded: ReadonlyMap<string, Proofs> = new Map()
  #collect: () => ReadonlyMap<string, Proofs> = () => new Map()
  #writing: Promise<void> | undefined

  /** `dir` is a folder of the engine's own. */
  constructor(dir: string, clock: Clock, logger: Logger) {
    this.#path = join(dir, 'proofs.json')
    this.#clock = clock
    this.#logger = logger
  }

  async load(): Promise<void> {
    try {
      this.#loaded = parse(await readFile(this.#path, 'utf8'))
    } catch {
      this.#loaded = new Map()
    }
  }

  /** What was known of a Kustomization when the file was written. */
  take(key: string): Proofs {
    return this.#loaded.get(key) ?? new Map()
  }

  /** Where all current proofs come from when the file is written. */
  collectFrom(collect: () => ReadonlyMap<string, Proofs>): void {
    this.#collect = collect
  }

  /** Says that proofs changed; they are written soon. */
  changed(): void {
    if (this.#stop.signal.aborted) return
    this.#writing ??= this.#writeSoon().finally(() => {
      this.#writing = undefined
    })
  }

  /** Writes what has changed. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#writing
  }

  async #writeSoon(): Promise<void> {
    await this.#clock.sleep(gatherMs, this.#stop.signal).catch(() => undefined)
    const text = JSON.stringify({ version, kustomizations: plain(this.#collect()) })
    const temporary = `${this.#path}.${randomUUID()}.tmp`
    try {
      await writeFile(temporary, text, { mode: 0o600 })
      await rename(temporary, this.#path)
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined)
      this.#logger.warn('what is known to be applied was not saved; the next start asks the server', {
        error: messageOf(error),
      })
    }
  }
}

type PlainProofs = Record<string, Record<string, readonly [payload: string, fingerprint: string]>>

function plain(all: ReadonlyMap<string, Proofs>): PlainProofs {
  const out: PlainProofs = {}
  for (const [key, proofs] of all) {
    if (proofs.size === 0) continue
    out[key] = Object.fromEntries([...proofs].map(([ref, proof]) => [ref, [proof.payload, proof.fingerprint] as const]))
  }
  return out
}

function parse(text: string): Map<string, Proofs> {
  const file: unknown = JSON.parse(text)
  const all = new Map<string, Proofs>()
  if (!isObject(file) || file['version'] !== version || !isObject(file['kustomizations'])) return all
  for (const [key, entries] of Object.entries(file['kustomizations'])) {
    if (!isObject(entries)) continue
    const proofs = new Map<string, Proof>()
    for (const [ref, entry] of Object.entries(entries)) {
      const [payload, fingerprint] = Array.isArray(entry) ? entry : []
      if (typeof payload !== 'string' || typeof fingerprint !== 'string') continue
      proofs.set(ref, { payload, fingerprint, resourceVersion: undefined })
    }
    all.set(key, proofs)
  }
  return all
}
