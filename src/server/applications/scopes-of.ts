import type { z } from 'zod'
import { allows, everything, type Principal, type Role, type Scope } from '../../access/index.ts'
import { type AppsPlace, applicationPaths, sourcePath, syncFolder } from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { ServerContext } from '../context.ts'
import type { applicationChangeSchema } from '../contract/application-changes.ts'
import { appFor } from './apps-in-git.ts'

export type Change = z.output<typeof applicationChangeSchema>

/**
 * Every place that a change reaches: a change of the base reaches every environment that the application is in.
 *
 * @throws E_NOT_FOUND when the application is not there, or `who` may not see it
 */
export async function scopesOf(context: ServerContext, change: Change, who?: Principal): Promise<[Scope, ...Scope[]]> {
  if (change.kind === 'create')
    return places(
      change.project,
      change.environments.map(one => one.environment),
    )
  const { project, deployments } = await appFor(context, change.app, who)
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

/**
 * The places of the files that a change writes: a commit that is undone may bring an environment back that the application is not
 * in now. Rights and the gate are asked for these beside {@link scopesOf}.
 */
export function scopesOfFiles(
  place: AppsPlace,
  app: string,
  project: string,
  paths: readonly string[],
): readonly Scope[] {
  const { folder } = applicationPaths(app)
  const found = paths.flatMap(path => {
    // Where the application stands is no environment's.
    if (path === sourcePath(place, app)) return []
    const [below, sync] = [inside(path, folder), inside(path, `${syncFolder(place)}/${app}`)]
    // The application's own files and its base are asked for by what they reach.
    if (below?.includes('/') && !below.startsWith('base/')) return [below.slice(0, below.indexOf('/'))]
    return sync?.endsWith('.yaml') && sync !== 'kustomization.yaml' ? [sync.slice(0, -'.yaml'.length)] : []
  })
  return [...new Set(found)].map(environment => ({ project, environment }))
}

function inside(path: string, folder: string): string | undefined {
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined
}

/** The places that a change brings something out of, which then stands in its preview: they have to be seen by who asks. */
export async function readScopesOf(context: ServerContext, change: Change): Promise<readonly Scope[]> {
  if (change.kind !== 'promote') return []
  return [{ project: (await appFor(context, change.app)).project, environment: change.from }]
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
  requireAll(who, await scopesOf(context, change, who))
  if (change.kind === 'create' && change.repository === 'own' && change.adopt)
    requireAll(who, [everything], 'administrator')
}
