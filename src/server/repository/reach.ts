import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Connection, connectionFor, openConnection } from '../../connections/index.ts'
import { type FleetRepository, fleetRepository } from '../../fleet/repository-remote.ts'
import { type Mirror, openMirror } from '../../git/index.ts'
import { type GatePlace, requireGate } from '../require-gate.ts'
import type { FollowedRepositoryParts } from './types.ts'

type Parts = Pick<FollowedRepositoryParts, 'connections' | 'clock' | 'logger' | 'dataDir'>

/** How the server reaches repositories: by a connection for their host, into one copy of each. */
export class Reach {
  readonly #parts: Parts
  readonly #mirrors = new Map<string, Promise<Mirror>>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * The connection that is for the host of a repository: the one of a place by preference.
   *
   * @throws E_GATE_CLOSED when there is no connection at all, E_FLEET_OTHER_HOST, E_TOKEN_…
   */
  async connectionFor(url: string, place: GatePlace = { project: '*', environment: '*' }): Promise<Connection> {
    const all = await this.#parts.connections.list()
    const first = connectionFor(all, place)
    const [best] = all
    if (best === undefined) await requireGate(this.#parts, place)
    let problem: unknown
    for (const connection of first === undefined ? all : [first, ...all.filter(one => one.id !== first.id)]) {
      try {
        await this.open(connection, url, async () => undefined)
        return connection
      } catch (error) {
        problem ??= error
      }
    }
    throw problem
  }

  /** Opens the host with a connection's credential, which goes nowhere but to the host that it is for. */
  async open<T>(connection: Connection, url: string, work: (repository: FleetRepository) => Promise<T>): Promise<T> {
    const { connections, clock, logger } = this.#parts
    const forge = openConnection(connection, await connections.credential(connection.id), { clock, logger })
    try {
      return await work(fleetRepository(forge, url))
    } finally {
      await forge.close()
    }
  }

  /** The copy of a repository; it is made when there is none. */
  async mirror(url: string): Promise<Mirror> {
    const parent = join(this.#parts.dataDir, 'repositories')
    const name = createHash('sha256').update(url).digest('hex').slice(0, 16)
    let mirror = this.#mirrors.get(name)
    if (mirror === undefined) {
      mirror = mkdir(parent, { recursive: true, mode: 0o700 }).then(() => openMirror(join(parent, name)))
      this.#mirrors.set(name, mirror)
      mirror.catch(() => this.#mirrors.delete(name))
    }
    return mirror
  }

  async close(): Promise<void> {
    for (const mirror of this.#mirrors.values()) (await mirror.catch(() => undefined))?.close()
  }
}
