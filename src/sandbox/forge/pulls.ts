import { type Store, transaction } from './store.ts'

/** A pull request between two branches of one repository. */
export interface Pull {
  readonly repository: number
  readonly number: number
  readonly title: string
  readonly body: string | null
  /** Branch with the changes. */
  readonly head: string
  /** Branch that they are for. */
  readonly base: string
  /** Id of the account that opened it. */
  readonly account: number
  readonly state: 'open' | 'closed'
  readonly mergedAt: string | null
  readonly mergeCommit: string | null
  /** Tip of `head` when it was opened or merged. */
  readonly headCommit: string | null
  readonly createdAt: string
  readonly updatedAt: string
}

/** Opens a pull request; undefined when one is open for the same branches. */
export function insertPull(
  store: Store,
  pull: Pick<Pull, 'repository' | 'title' | 'body' | 'head' | 'base' | 'account' | 'headCommit'>,
  now: Date,
): Pull | undefined {
  return transaction(store, () => {
    const all = pullsOf(store, pull.repository)
    if (all.some(other => other.state === 'open' && other.head === pull.head && other.base === pull.base))
      return undefined
    const number = Math.max(0, ...all.map(other => other.number)) + 1
    const stamp = now.toISOString()
    store
      .prepare(
        "INSERT INTO pulls (repository, number, title, body, head, base, account, state, head_commit, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'open', ?, ?, ?)",
      )
      .run(
        pull.repository,
        number,
        pull.title,
        pull.body,
        pull.head,
        pull.base,
        pull.account,
        pull.headCommit,
        stamp,
        stamp,
      )
    return pullsOf(store, pull.repository).find(found => found.number === number)
  })
}

/** Changes a pull request. */
export function updatePull(store: Store, pull: Pull, update: Partial<Pull>, now: Date): Pull {
  const after = { ...pull, ...update, updatedAt: now.toISOString() }
  store
    .prepare(
      'UPDATE pulls SET title = ?, body = ?, state = ?, merged_at = ?, merge_commit = ?, head_commit = ?, updated_at = ? WHERE repository = ? AND number = ?',
    )
    .run(
      after.title,
      after.body,
      after.state,
      after.mergedAt,
      after.mergeCommit,
      after.headCommit,
      after.updatedAt,
      pull.repository,
      pull.number,
    )
  return after
}

/** The pull requests of a repository, newest first. */
export function pullsOf(store: Store, repository: number): Pull[] {
  return store
    .prepare('SELECT * FROM pulls WHERE repository = ? ORDER BY number DESC')
    .all(repository)
    .map(row => {
      const found = row as Record<string, string | number | null>
      return {
        repository: found['repository'] as number,
        number: found['number'] as number,
        title: found['title'] as string,
        body: found['body'] as string | null,
        head: found['head'] as string,
        base: found['base'] as string,
        account: found['account'] as number,
        state: found['state'] as Pull['state'],
        mergedAt: found['merged_at'] as string | null,
        mergeCommit: found['merge_commit'] as string | null,
        headCommit: found['head_commit'] as string | null,
        createdAt: found['created_at'] as string,
        updatedAt: found['updated_at'] as string,
      }
    })
}
