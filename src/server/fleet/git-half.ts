import { asSluiceError, type SluiceError } from '../../base/errors/index.ts'
import { fileOf, gitSizes } from '../../fleet/git-sizes.ts'
import { type SizesCommit, type SizesFile, sizesChanged } from '../../fleet/group-history.ts'
import { loadGuardrails } from '../../fleet/guardrails.ts'
import type { ClusterRow, GitSize } from '../../fleet/types.ts'
import { readFleetTree } from '../../layout/index.ts'
import type { EksctlCluster, Guardrail } from '../../specs/index.ts'
import type { FollowedRepository, RepositoryState } from '../repository/index.ts'

/** What the tip of the repository says of the fleet. */
export interface GitHalf {
  readonly state: RepositoryState
  /** Limits of sizes, or why they cannot be read. */
  readonly guardrails: readonly Guardrail[] | SluiceError
  /** By `namespace/name`; clusters that Git does not have are not in it. */
  readonly clusters: ReadonlyMap<string, { readonly file: SizesFile; readonly sizes: ReadonlyMap<string, GitSize> }>
}

export type GitAnswer =
  | { readonly state: 'ready'; readonly half: GitHalf }
  | { readonly state: 'reading' }
  | { readonly state: 'problem'; readonly problem: SluiceError }

/** A page is not kept waiting for a Git host that is slow. */
const patienceMs = 2500
const mostLooked = 500

/** Git's side of the fleet, worked out once for each tip. */
export class GitSide {
  readonly #repository: FollowedRepository
  readonly #signal: AbortSignal
  #known: { readonly tip: string; readonly names: string; readonly half: Promise<GitHalf> } | undefined
  #last: GitHalf | undefined

  constructor(repository: FollowedRepository, signal: AbortSignal) {
    this.#repository = repository
    this.#signal = signal
  }

  /** What Git says of these rows. When it is not known in a moment, it is told live once it is. */
  async of(rows: readonly ClusterRow[], eksctl: readonly EksctlCluster[]): Promise<GitAnswer> {
    const answer = this.now(rows, eksctl).then(
      (half): GitAnswer => ({ state: 'ready', half }),
      (error: unknown): GitAnswer => ({ state: 'problem', problem: asSluiceError(error) }),
    )
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<GitAnswer>(resolve => {
      timer = setTimeout(() => resolve({ state: 'reading' }), patienceMs)
    })
    return await Promise.race([answer, late]).finally(() => clearTimeout(timer))
  }

  /** The same, however long it takes. Fails as {@link FollowedRepository.read} does. */
  async now(rows: readonly ClusterRow[], eksctl: readonly EksctlCluster[]): Promise<GitHalf> {
    const state = await this.#repository.read()
    const names = rows.map(row => `${row.namespace}/${row.name}`).join(' ')
    if (this.#known?.tip !== state.tip || this.#known.names !== names) {
      const known = { tip: state.tip, names, half: this.#look(state, rows, eksctl) }
      this.#known = known
      known.half.then(
        half => {
          this.#last = half
        },
        () => {},
      )
      known.half.catch(() => {
        if (this.#known === known) this.#known = undefined
      })
    }
    return this.#known.half
  }

  /** Whether Git has the size of a group, as far as was looked at: nothing is read for it. */
  has(namespace: string, cluster: string, group: string): boolean {
    return this.#last?.clusters.get(`${namespace}/${cluster}`)?.sizes.has(group) ?? false
  }

  /** The commits that changed sizes of a file, newest first. */
  async history(
    { state }: GitHalf,
    file: SizesFile,
    limit: number,
  ): Promise<{ commits: SizesCommit[]; more: boolean }> {
    const log = await state.mirror.log(state.tip, { path: file.path, limit: mostLooked, signal: this.#signal })
    const commits: SizesCommit[] = []
    for (const commit of log) {
      if (commits.length >= limit) return { commits, more: true }
      const found = await sizesChanged(state.mirror, file, commit)
      if (found.changes.length > 0) commits.push(found)
    }
    return { commits, more: log.length >= mostLooked }
  }

  async #look(state: RepositoryState, rows: readonly ClusterRow[], eksctl: readonly EksctlCluster[]): Promise<GitHalf> {
    const { sync, tree, tip, mirror } = state
    const { clusters } = await readFleetTree(tree, { clusterConfigPath: sync.path, systemNamespace: sync.namespace })
    const found = new Map<string, { file: SizesFile; sizes: Map<string, GitSize> }>()
    for (const row of rows) {
      const file = fileOf(row, clusters, eksctl)
      if (file === undefined) continue
      found.set(`${row.namespace}/${row.name}`, { file, sizes: await gitSizes(mirror, file, tip, this.#signal) })
    }
    const guardrails = await loadGuardrails(tree, sync).catch(asSluiceError)
    return { state, guardrails, clusters: found }
  }
}
