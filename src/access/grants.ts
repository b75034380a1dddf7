import type { Grant, Role, Scope } from './types.ts'

const order: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, administrator: 2 }

/** Everything: what only an administrator of the whole installation reaches. */
export const everything: Scope = { project: '*', environment: '*' }

/** Whether grants give at least this role there. */
export function allows(grants: readonly Grant[], role: Role, scope: Scope): boolean {
  return grants.some(
    grant =>
      order[grant.role] >= order[role] &&
      reaches(grant.project, scope.project) &&
      reaches(grant.environment, scope.environment),
  )
}

/** Whether grants give at least this role anywhere. */
export function allowsSomewhere(grants: readonly Grant[], role: Role): boolean {
  return grants.some(grant => order[grant.role] >= order[role])
}

function reaches(granted: string, asked: string): boolean {
  return granted === '*' || granted === asked
}

/** Whether grants give a role in any place that a scope stands for, `*` standing for all of them. */
export function touches(grants: readonly Grant[], role: Role, scope: Scope): boolean {
  const meets = (granted: string, asked: string) => asked === '*' || reaches(granted, asked)
  return grants.some(
    grant =>
      order[grant.role] >= order[role] &&
      meets(grant.project, scope.project) &&
      meets(grant.environment, scope.environment),
  )
}

/** What both lists give: an API token may do what it was made for, as far as its owner still may. */
export function bothAllow(one: readonly Grant[], two: readonly Grant[]): Grant[] {
  const out: Grant[] = []
  for (const a of one) {
    for (const b of two) {
      const project = narrower(a.project, b.project)
      const environment = narrower(a.environment, b.environment)
      if (project === undefined || environment === undefined) continue
      out.push({ role: order[a.role] <= order[b.role] ? a.role : b.role, project, environment })
    }
  }
  return strongest(out)
}

function narrower(a: string, b: string): string | undefined {
  if (a === '*') return b
  return b === '*' || b === a ? a : undefined
}

/** One grant a scope: the strongest of those that were given for it. */
export function strongest(grants: readonly Grant[]): Grant[] {
  const byScope = new Map<string, Grant>()
  for (const grant of grants) {
    const key = JSON.stringify([grant.project, grant.environment])
    const before = byScope.get(key)
    if (before === undefined || order[before.role] < order[grant.role]) byScope.set(key, grant)
  }
  return [...byScope.values()]
}

/** The grants of a list that another list does not give. */
export function beyond(wanted: readonly Grant[], have: readonly Grant[]): Grant[] {
  return wanted.filter(({ role, project, environment }) => !allows(have, role, { project, environment }))
}
