import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runGit } from '../../../git/index.ts'
import type { StandInPull } from './pulls.ts'

/** What somebody may do with a repository; each includes the ones before. */
export type Role = 'none' | 'read' | 'write' | 'admin'

const order: readonly Role[] = ['none', 'read', 'write', 'admin']

/** Whether a role reaches another. */
export function reaches(role: Role, wanted: Role): boolean {
  return order.indexOf(role) >= order.indexOf(wanted)
}

/** A token of a stand-in. */
export interface StandInToken {
  readonly user: string
  /** In the words of the host. */
  readonly scopes: readonly string[]
  readonly state: 'good' | 'expired' | 'revoked'
}

/** What holds the repositories of several people: an organization, workspace or project. */
export interface StandInGroup {
  readonly name: string
  readonly id: string
  /** User to what they are in it. */
  readonly members: Map<string, 'owner' | 'creator' | 'member'>
}

/** A repository of a stand-in. */
export interface StandInRepository {
  readonly id: string
  readonly owner: string
  readonly name: string
  /** Its bare repository under the root of the model. */
  readonly folder: string
  private: boolean
  archived: boolean
  /** User to role, beside what membership gives. */
  readonly roles: Map<string, Role>
  /** Branch to who may push to it all the same. */
  readonly protections: Map<string, readonly string[]>
  readonly keys: { readonly id: number; readonly title: string; readonly key: string; readonly readOnly: boolean }[]
  readonly hooks: { readonly id: string; readonly url: string }[]
  /** Newest first. */
  readonly pulls: StandInPull[]
}

/** The accounts and repositories of a stand-in: kept in memory, but real bare repositories for git. */
export class StandInModel {
  readonly root: string
  readonly users = new Set<string>()
  readonly groups = new Map<string, StandInGroup>()
  readonly tokens = new Map<string, StandInToken>()
  readonly #repositories = new Map<string, StandInRepository>()
  #ids = 0

  constructor(root: string) {
    this.root = root
  }

  addToken(text: string, token: Partial<StandInToken> & { readonly user: string }): void {
    this.users.add(token.user)
    this.tokens.set(text, { scopes: [], state: 'good', ...token })
  }

  addGroup(name: string, members: Readonly<Record<string, 'owner' | 'creator' | 'member'>> = {}): StandInGroup {
    const group = { name, id: randomUUID(), members: new Map(Object.entries(members)) }
    this.groups.set(name.toLowerCase(), group)
    return group
  }

  group(name: string): StandInGroup | undefined {
    return this.groups.get(name.toLowerCase())
  }

  /** Makes a repository; undefined when there is one of this name. */
  async addRepository(owner: string, name: string, isPrivate = true): Promise<StandInRepository | undefined> {
    if (this.repository(owner, name)) return undefined
    const folder = `${randomUUID()}.git`
    const path = join(this.root, folder)
    for (const part of ['objects', 'refs/heads', 'refs/tags']) await mkdir(join(path, part), { recursive: true })
    await writeFile(join(path, 'HEAD'), 'ref: refs/heads/main\n')
    await writeFile(
      join(path, 'config'),
      '[core]\n\trepositoryformatversion = 0\n\tbare = true\n[http]\n\treceivepack = true\n',
    )
    const made: StandInRepository = {
      id: randomUUID(),
      owner,
      name,
      folder,
      private: isPrivate,
      archived: false,
      roles: new Map(),
      protections: new Map(),
      keys: [],
      hooks: [],
      pulls: [],
    }
    this.#repositories.set(key(owner, name), made)
    return made
  }

  repository(owner: string, name: string): StandInRepository | undefined {
    return this.#repositories.get(key(owner, name))
  }

  repositories(): readonly StandInRepository[] {
    return [...this.#repositories.values()]
  }

  remove({ owner, name }: StandInRepository): void {
    this.#repositories.delete(key(owner, name))
  }

  role(user: string, repository: StandInRepository): Role {
    if (user === repository.owner || `~${user}` === repository.owner) return 'admin'
    const member = this.group(repository.owner)?.members.get(user)
    const inGroup: Role = member === 'owner' ? 'admin' : member === undefined ? 'none' : 'read'
    const own = repository.roles.get(user) ?? (repository.private ? 'none' : 'read')
    return reaches(own, inGroup) ? own : inGroup
  }

  /** The branches of a repository with their commits. */
  async branches({ folder }: StandInRepository): Promise<ReadonlyMap<string, string>> {
    const result = await runGit(['for-each-ref', '--format=%(objectname) %(refname:short)', 'refs/heads/'], {
      gitDir: join(this.root, folder),
    })
    const lines = result.stdout
      .toString('utf8')
      .split('\n')
      .filter(line => line !== '')
    return new Map(lines.map(line => [line.slice(41), line.slice(0, 40)]))
  }

  nextId(): number {
    this.#ids++
    return this.#ids
  }
}

function key(owner: string, name: string): string {
  return `${owner}/${name}`.toLowerCase()
}
