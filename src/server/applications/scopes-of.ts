import type { z } from 'zod'
import { allows, everything, type Principal, type Role, type Scope } from '../../access/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { ServerContext } from '../context.ts'
import type { applicationChangeSchema } from '../contract/applications.ts'
import { appFor } from './apps-in-git.ts'

export type Change = z.output<typeof applicationChangeSchema>

/**
 * Every place that a change reaches: a change of the base reaches every environment that the application is in.
 *
 * @throws E_NOT_FOUND when the application is not there
 */
export async function scopesOf(context: ServerContext, change: Change): Promise<[Scope, ...Scope[]]> {
  if (change.kind === 'create')
    return places(
      change.project,
      change.environments.map(one => one.environment),
    )
  const { project, deployments } = await appFor(context, change.app)
  if (change.kind === 'promote') return places(project, [change.to])
  if (change.environment !== undefined) return places(project, [change.environment])
  return places(
    project,
    deployments.map(one => one.environment),
  )
}

function places(project: string, environments: readonly string[]): [Scope, ...Scope[]] {
  const [first = '*', ...rest] = new Set(environments)
  return [{ project, environment: first }, ...rest.map(environment => ({ project, environment }))]
}

/** @throws E_FORBIDDEN with the place that the role is missing in */
export function requireAll(who: Principal, scopes: readonly Scope[], role: Role = 'operator'): void {
  for (const scope of scopes) {
    if (allows(who.grants, role, scope)) continue
    throw new SluiceError('E_FORBIDDEN', {
      object: `project ${scope.project}, environment ${scope.environment === '*' ? '(all)' : scope.environment}`,
      expected: `the role ${role} there`,
    })
  }
}

/**
 * Rights for a change: an operator wherever it reaches. Who adopts a repository writes into one that was not made for it, which is
 * for administrators of everything.
 *
 * @throws E_FORBIDDEN, E_NOT_FOUND
 */
export async function requireRights(context: ServerContext, who: Principal, change: Change): Promise<void> {
  requireAll(who, await scopesOf(context, change))
  if (change.kind === 'create' && change.repository === 'own' && change.adopt)
    requireAll(who, [everything], 'administrator')
}
