import type { Caller } from './caller.ts'
import type { PushCommand } from './push-commands.ts'
import { zeroId } from './push-commands.ts'
import type { StoredRepository } from './repositories.ts'
import type { Store } from './store.ts'

/** What protects a branch, as GitHub's "update branch protection" takes it. */
export interface ProtectionRules {
  readonly requiredPullRequestReviews: { readonly requiredApprovingReviewCount: number } | null
  readonly requiredStatusChecks: { readonly strict: boolean; readonly contexts: readonly string[] } | null
  /** Administrators are bound too. */
  readonly enforceAdmins: boolean
  /** Logins that may push; null for everybody with write access. */
  readonly restrictions: { readonly users: readonly string[] } | null
  readonly requiredSignatures: boolean
  readonly requiredLinearHistory: boolean
  readonly allowForcePushes: boolean
  readonly allowDeletions: boolean
  readonly lockBranch: boolean
}

/** The rules of a branch; undefined when nothing protects it. */
export function protectionOf(store: Store, repository: StoredRepository, branch: string): ProtectionRules | undefined {
  const row = store
    .prepare('SELECT rules FROM protections WHERE repository = ? AND branch = ?')
    .get(repository.id, branch)
  return row === undefined ? undefined : JSON.parse((row as { rules: string }).rules)
}

/** Sets the rules of a branch. */
export function putProtection(
  store: Store,
  repository: StoredRepository,
  branch: string,
  rules: ProtectionRules,
): void {
  store
    .prepare(
      'INSERT INTO protections (repository, branch, rules) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET rules = excluded.rules',
    )
    .run(repository.id, branch, JSON.stringify(rules))
}

/** Lifts the rules of a branch. False when there were none. */
export function deleteProtection(store: Store, repository: StoredRepository, branch: string): boolean {
  return (
    store.prepare('DELETE FROM protections WHERE repository = ? AND branch = ?').run(repository.id, branch).changes > 0
  )
}

/** What the rules say to a push. */
export interface PushVerdict {
  /** Lines for the person; empty when nothing is refused. */
  readonly words: readonly string[]
  /** Refs that a rule refuses. */
  readonly refused: ReadonlySet<string>
  /** Whether rewriting history and deleting must be denied: git itself sees whether a push does it. */
  readonly denyRewrite: boolean
}

/** Judges a push by the rules of the branches that it moves. `isAdmin`: the pusher administers the repository. */
export function judgePush(
  store: Store,
  repository: StoredRepository,
  caller: Caller,
  isAdmin: boolean,
  commands: readonly PushCommand[],
): PushVerdict {
  const words: string[] = []
  const refused = new Set<string>()
  let denyRewrite = false
  for (const command of commands) {
    if (!command.ref.startsWith('refs/heads/')) continue
    const branch = command.ref.slice('refs/heads/'.length)
    const deletes = command.after === zeroId
    if (deletes && branch === repository.defaultBranch) {
      refused.add(command.ref)
      words.push(`error: GH000: Cannot delete the default branch ${branch}.`)
      continue
    }
    const rules = protectionOf(store, repository, branch)
    if (!rules) continue
    const login = caller.kind === 'known' ? caller.user.login : ''
    const problems = broken(rules, { login, deletes, bypass: isAdmin && !rules.enforceAdmins })
    if (problems.length > 0) {
      refused.add(command.ref)
      if (caller.kind === 'known' && caller.token.api === 'gitlab') {
        words.push('GitLab: You are not allowed to push code to protected branches on this project.')
        continue
      }
      words.push(
        `error: GH006: Protected branch update failed for ${command.ref}.`,
        ...problems.map(text => `error: - ${text}`),
      )
    }
    if (!rules.allowForcePushes) denyRewrite = true
  }
  return { words, refused, denyRewrite }
}

function broken(rules: ProtectionRules, push: { login: string; deletes: boolean; bypass: boolean }): string[] {
  const problems: string[] = []
  if (rules.lockBranch) problems.push('Cannot change this locked branch')
  if (push.deletes) {
    if (!rules.allowDeletions) problems.push('Cannot delete this protected branch')
    return problems
  }
  if (push.bypass) return problems
  if (rules.restrictions && !rules.restrictions.users.some(user => user.toLowerCase() === push.login.toLowerCase())) {
    problems.push("You're not authorized to push to this branch")
  }
  if (rules.requiredPullRequestReviews) problems.push('Changes must be made through a pull request.')
  if (rules.requiredSignatures) problems.push('Commits must have verified signatures.')
  const checks = rules.requiredStatusChecks?.contexts ?? []
  if (checks.length === 1) problems.push(`Required status check "${checks[0]}" is expected.`)
  if (checks.length > 1) problems.push(`${checks.length} of ${checks.length} required status checks are expected.`)
  return problems
}
