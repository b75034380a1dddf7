import { forgeChecks } from './checks/list.ts'
import { gitChecks } from './plain-git/checks.ts'
import type { ForgeKind } from './types.ts'

/**
 * The checks that a diagnosis of a host always has a line for, in their order: for those who show them before they run. What
 * depends on what is found (is the repository there?) comes after them.
 */
export function plannedChecks(kind: ForgeKind): { readonly id: string; readonly title: string }[] {
  const checks: readonly { readonly id: string; readonly title: string; readonly applies?: unknown }[] =
    kind === 'git' ? gitChecks : forgeChecks
  return checks.filter(check => check.applies === undefined).map(({ id, title }) => ({ id, title }))
}
