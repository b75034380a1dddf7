import { randomUUID } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import { credentialHost } from '../credentials/host.ts'
import { parseForgeKind } from '../forges/index.ts'
import { Secret } from '../secrets/secret.ts'
import { type Db, isDuplicate, type SealedValues, type Store } from '../store/index.ts'
import { insertProof, listProofs } from '../store/tables/connection-proofs.ts'
import * as table from '../store/tables/connections.ts'
import { checkDraft } from './check-draft.ts'
import { nextProofAfter } from './state.ts'
import type { Connection, ConnectionCredential, ConnectionDraft, ConnectionSettings, Proof } from './types.ts'

/** What is saved of a connection. */
export interface SaveConnection {
  readonly draft: ConnectionDraft
  /** Kept as it is when absent, which only works on the same host. */
  readonly credential?: ConnectionCredential
  /** What Validate found for exactly this; absent for a person who insists on saving without. */
  readonly proof?: Proof
  /** What is proven stays as it is: the change asks nothing else of the host, which the caller has looked at. */
  readonly keepsProof?: boolean
  readonly by: string
}

/** The connections of a server: rows in the store, credentials sealed beside them. */
export class Connections {
  readonly #store: Store
  readonly #sealed: SealedValues
  readonly #clock: Clock

  constructor(store: Store, sealed: SealedValues, clock: Clock) {
    this.#store = store
    this.#sealed = sealed
    this.#clock = clock
  }

  /** The default one first. */
  async list(): Promise<Connection[]> {
    const [rows, bindings] = await Promise.all([
      table.listConnections(this.#store.db),
      table.listBindings(this.#store.db),
    ])
    return rows.map(row => connectionOf(row, bindings))
  }

  /** @throws E_CONNECTION_NOT_FOUND */
  async get(id: string): Promise<Connection> {
    const row = await table.findConnection(this.#store.db, id)
    if (!row) throw notFound(id)
    return connectionOf(row, await table.listBindings(this.#store.db))
  }

  /** The first one becomes the default. @throws E_CONNECTION_INVALID, E_CONNECTION_EXISTS */
  async create(save: SaveConnection): Promise<Connection> {
    const draft = checkDraft(save.draft)
    if (save.credential === undefined)
      throw new SluiceError('E_CONNECTION_CREDENTIAL', { object: `connection ${draft.name}`, seen: 'none' })
    const id = randomUUID()
    const now = this.#clock.now().toISOString()
    await this.#store.exclusively('connections', async db => {
      const isFirst = (await table.listConnections(db)).length === 0
      await table
        .insertConnection(db, {
          id,
          ...columnsOf(draft),
          is_default: isFirst ? 1 : 0,
          version: 1,
          created_at: now,
          changed_at: now,
          changed_by: save.by,
          ...this.#proofColumns(save.proof, null),
        })
        .catch(error => {
          throw isDuplicate(error) ? exists(draft.name) : error
        })
      await this.#putCredential(db, id, save.credential!)
      if (save.proof) await this.#keepProof(db, id, save.proof)
    })
    return this.get(id)
  }

  /**
   * Changes a connection. Another host or kind takes its credential away: one that was given to a host never follows an edit to
   * another one.
   *
   * @throws E_CONNECTION_CHANGED when somebody changed it meanwhile, E_CONNECTION_CREDENTIAL, E_CONNECTION_NOT_FOUND
   */
  async update(id: string, version: number, save: SaveConnection): Promise<Connection> {
    const draft = checkDraft(save.draft)
    await this.#store.exclusively('connections', async db => {
      const before = await table.findConnection(db, id)
      if (!before) throw notFound(id)
      const same = before.kind === draft.kind && before.host === columnsOf(draft).host
      if (!same && save.credential === undefined) {
        throw new SluiceError('E_CONNECTION_CREDENTIAL', {
          object: `connection ${draft.name}`,
          expected: `a credential for ${draft.host}`,
          seen: `the one of ${before.host}, which goes nowhere else`,
        })
      }
      const columns = { ...columnsOf(draft), changed_at: this.#clock.now().toISOString(), changed_by: save.by }
      const proof = save.keepsProof ? {} : this.#proofColumns(save.proof, same ? before.proven_at : null)
      const done = await table.updateConnection(db, id, version, { ...columns, ...proof }).catch(error => {
        throw isDuplicate(error) ? exists(draft.name) : error
      })
      if (!done) throw changed(draft.name)
      if (save.credential) await this.#putCredential(db, id, save.credential)
      if (save.proof) await this.#keepProof(db, id, save.proof)
    })
    return this.get(id)
  }

  /** Keeps what a later look found; nothing when the connection was changed meanwhile, for then it looked at another one. */
  async recordProof(id: string, version: number, proof: Proof): Promise<boolean> {
    return this.#store.transaction(async db => {
      const before = await table.findConnection(db, id)
      if (!before) return false
      const done = await table.updateProof(db, id, version, this.#proofColumns(proof, before.proven_at))
      if (done) await this.#keepProof(db, id, proof)
      return done
    })
  }

  /** Makes it the one that is used where no other is bound. @throws E_CONNECTION_NOT_FOUND */
  async makeDefault(id: string): Promise<void> {
    await this.#store.exclusively('connections', async db => {
      if (!(await table.findConnection(db, id))) throw notFound(id)
      await table.makeDefault(db, id)
    })
  }

  /** Says which projects and environments use it, in place of what was said before. @throws E_CONNECTION_NOT_FOUND */
  async bind(id: string, places: Connection['bindings']): Promise<void> {
    await this.#store.exclusively('connections', async db => {
      if (!(await table.findConnection(db, id))) throw notFound(id)
      await table.deleteBindings(db, id)
      for (const { project, environment } of places)
        await table.putBinding(db, { connection_id: id, project, environment })
    })
  }

  /** Takes it away with its credential. The default one goes only as the last. @throws E_CONNECTION_NOT_FOUND, E_CONNECTION_IN_USE */
  async remove(id: string): Promise<void> {
    await this.#store.exclusively('connections', async db => {
      const row = await table.findConnection(db, id)
      if (!row) throw notFound(id)
      const others = (await table.listConnections(db)).length - 1
      if (row.is_default === 1 && others > 0)
        throw new SluiceError('E_CONNECTION_IN_USE', { object: `connection ${row.name}`, seen: 'it is the default' })
      await table.deleteConnection(db, id)
      for (const part of [...credentialParts, 'webhook'] as const) await this.#sealed.remove(db, placeOf(id, part))
    })
  }

  /** The credential. Never for an answer of the API. @throws E_SEALED_UNKNOWN, E_STORE_WRONG_KEY */
  async credential(id: string): Promise<ConnectionCredential> {
    const { db } = this.#store
    if (!(await this.#sealed.has(db, placeOf(id, 'ssh'))))
      return { kind: 'token', token: await this.#sealed.open(db, placeOf(id, 'token')) }
    const privateKey = await this.#sealed.open(db, placeOf(id, 'ssh'))
    const hasPassphrase = await this.#sealed.has(db, placeOf(id, 'passphrase'))
    return {
      kind: 'ssh',
      privateKey,
      ...(hasPassphrase ? { passphrase: await this.#sealed.open(db, placeOf(id, 'passphrase')) } : {}),
    }
  }

  /** What was found each time, the newest first. */
  async history(id: string, limit: number): Promise<Proof[]> {
    return (await listProofs(this.#store.db, id, limit)).map(row => JSON.parse(row.proof) as Proof)
  }

  async #putCredential(db: Db, id: string, credential: ConnectionCredential): Promise<void> {
    for (const part of credentialParts) await this.#sealed.remove(db, placeOf(id, part))
    if (credential.kind === 'token') return this.#sealed.put(db, placeOf(id, 'token'), credential.token)
    await this.#sealed.put(db, placeOf(id, 'ssh'), credential.privateKey)
    if (credential.passphrase) await this.#sealed.put(db, placeOf(id, 'passphrase'), credential.passphrase)
  }

  async #keepProof(db: Db, id: string, proof: Proof): Promise<void> {
    const row = { connection_id: id, at: proof.at, outcome: proof.outcome, proof: JSON.stringify(proof) }
    await insertProof(db, row)
  }

  #proofColumns(proof: Proof | undefined, provenAt: string | null) {
    return {
      proof: proof === undefined ? null : JSON.stringify(proof),
      proven_at: proof === undefined ? null : proof.outcome === 'proven' ? proof.at : provenAt,
      next_proof_at: nextProofAfter(proof, this.#clock.now()),
    }
  }
}

const credentialParts = ['token', 'ssh', 'passphrase'] as const

function placeOf(id: string, part: (typeof credentialParts)[number] | 'webhook'): string {
  return `connection/${id}/${part}`
}

function columnsOf(draft: ConnectionDraft) {
  return {
    name: draft.name,
    name_key: draft.name.normalize('NFKC').toLowerCase(),
    kind: draft.kind,
    host: draft.kind === 'git' ? draft.host : hostOf(draft.host),
    settings: JSON.stringify(draft.settings),
  }
}

/** The host with its scheme where that is plain http: the same name over https is another place. */
function hostOf(host: string): string {
  const at = credentialHost(host)
  return /^http:\/\//i.test(host.trim()) ? `http://${at}` : at
}

function connectionOf(row: table.ConnectionsTable, bindings: readonly table.ConnectionBindingsTable[]): Connection {
  return {
    id: row.id,
    version: row.version,
    name: row.name,
    kind: parseForgeKind(row.kind),
    host: row.host,
    settings: JSON.parse(row.settings) as ConnectionSettings,
    isDefault: row.is_default === 1,
    changedAt: row.changed_at,
    changedBy: row.changed_by,
    proof: row.proof === null ? undefined : (JSON.parse(row.proof) as Proof),
    provenAt: row.proven_at ?? undefined,
    nextProofAt: row.next_proof_at ?? undefined,
    bindings: bindings
      .filter(one => one.connection_id === row.id)
      .map(({ project, environment }) => ({ project, environment })),
  }
}

/** A credential as a person gave it. */
export function tokenCredential(text: string): ConnectionCredential {
  return { kind: 'token', token: Secret.of(text.trim()) }
}

function notFound(id: string): SluiceError {
  return new SluiceError('E_CONNECTION_NOT_FOUND', { object: `connection ${id}` })
}

function exists(name: string): SluiceError {
  return new SluiceError('E_CONNECTION_EXISTS', { object: `connection ${name}` })
}

function changed(name: string): SluiceError {
  return new SluiceError('E_CONNECTION_CHANGED', { object: `connection ${name}` })
}
