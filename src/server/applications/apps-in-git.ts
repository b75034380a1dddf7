import { allows, everything, type Principal, type Scope } from '../../access/index.ts'
import {
  type Application,
  type AppsInGit,
  appsFolder,
  type BrokenApplication,
  environmentsFolder,
  pointerPath,
  readApps,
} from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { SpecProblem } from '../../specs/index.ts'
import type { ServerContext } from '../context.ts'
import type { FollowedRepository, RepositoryState } from '../repository/index.ts'

/** The applications of the repository at a commit. */
export interface Apps extends AppsInGit {
  readonly state: RepositoryState
}

interface Known {
  readonly version: string
  readonly apps: Promise<AppsInGit>
  /** What was read of each application, by the digests that it was read from. */
  readonly parts: Map<string, { readonly digest: string; readonly found: Pick<AppsInGit, 'applications' | 'broken'> }>
}

const kept = new WeakMap<FollowedRepository, Known>()

/** Reads the applications at the tip; once for each tip, and of a new one only what has changed. */
export async function readAppsNow({ repository }: Pick<ServerContext, 'repository'>): Promise<Apps> {
  const state = await repository.read()
  let entry = kept.get(repository)
  if (entry?.version !== state.version) {
    const parts: Known['parts'] = new Map(entry?.parts)
    const apps = readChanged(state, parts)
    entry = { version: state.version, apps, parts }
    apps.catch(() => kept.delete(repository))
    kept.set(repository, entry)
  }
  return { ...(await entry.apps), state }
}

async function readChanged(state: RepositoryState, parts: Known['parts']): Promise<AppsInGit> {
  const { tree, mirror, tip } = state
  const places = (await mirror.treeDigest(tip, environmentsFolder)) ?? ''
  const folders = (await tree.list(appsFolder)).filter(entry => entry.kind === 'folder')
  const digestOf = new Map(folders.map(({ name, digest = tip }) => [name, `${digest} ${places}`]))
  for (const name of parts.keys()) if (!digestOf.has(name)) parts.delete(name)
  const changed = [...digestOf].filter(([name, digest]) => parts.get(name)?.digest !== digest).map(([name]) => name)
  const read = await readApps(tree, changed)
  for (const name of changed) {
    const isIt = (one: { readonly name: string }) => one.name === name
    const found = { applications: read.applications.filter(isIt), broken: read.broken.filter(isIt) }
    parts.set(name, { digest: digestOf.get(name)!, found })
  }
  const all = [...digestOf.keys()].flatMap(name => parts.get(name)?.found ?? [])
  return {
    applications: all.flatMap(one => one.applications),
    broken: all.flatMap(one => one.broken).map(one => withReason(state, one)),
    environments: read.environments,
    problems: read.problems,
  }
}

/** An application whose own repository cannot be read says why. */
function withReason({ own, ownProblems }: RepositoryState, broken: BrokenApplication): BrokenApplication {
  const problem = ownProblems.get(broken.name)
  if (problem === undefined || own.has(broken.name)) return broken
  const file = pointerPath(broken.name)
  const detail = `${problem.message} ${problem.next}`
  return { ...broken, problems: [{ type: 'FieldValueInvalid', field: '', detail, object: '', file }] }
}

/** One application. @throws E_NOT_FOUND, E_APP_INVALID for one that cannot be read */
export function appNamed(apps: AppsInGit, name: string): Application {
  const found = apps.applications.find(one => one.name === name)
  if (found) return found
  const broken = apps.broken.find(one => one.name === name)
  if (broken) {
    const seen = broken.problems.map(one => `${one.file ?? ''}${one.line ? `:${one.line}` : ''}: ${one.detail}`)
    throw new SluiceError('E_APP_INVALID', { object: `application ${name}`, seen: seen.join('; ') })
  }
  throw notThere(name)
}

/**
 * Where an application is in one environment; fails with E_NOT_FOUND where there is no cluster or application, or none that they
 * may see.
 */
export async function scopeOf(context: ServerContext, who: Principal, name: string, environment = '*'): Promise<Scope> {
  return { project: (await appFor(context, name, who)).project, environment }
}

/** An application for a scope, as far as `who` sees it: what cannot be read is not there. */
export async function appFor(context: ServerContext, name: string, who?: Principal): Promise<Application> {
  if (context.client === undefined) throw notThere(name)
  const apps = await readAppsNow(context)
  if (who !== undefined) visibleApp(who, apps, name)
  return appNamed(apps, name)
}

/**
 * The part of an application that somebody may see. What may not be seen is not there; of one that cannot be read nobody knows the
 * project, so it is shown to those who see everything.
 *
 * @throws E_NOT_FOUND, E_APP_INVALID
 */
export function visibleApp(who: Principal, apps: AppsInGit, name: string): Application {
  const found = apps.applications.find(one => one.name === name)
  if (found === undefined && !allows(who.grants, 'viewer', everything)) throw notThere(name)
  const visible = visiblePart(who, found ?? appNamed(apps, name))
  if (visible === undefined) throw notThere(name)
  return visible
}

function notThere(name: string): SluiceError {
  return new SluiceError('E_NOT_FOUND', { object: `application ${name}` })
}

/** The deployments of an application that somebody may see; undefined when nothing of it may be seen. */
export function visiblePart(who: Principal, application: Application): Application | undefined {
  const may = (environment: string) => allows(who.grants, 'viewer', { project: application.project, environment })
  const deployments = application.deployments.filter(one => may(one.environment))
  if (deployments.length > 0 || may('*')) return { ...application, deployments }
  // Deployed nowhere yet, or nowhere that they reach: still theirs to deploy, when a grant is in the project.
  const inProject = who.grants.some(grant => grant.project === '*' || grant.project === application.project)
  return inProject ? { ...application, deployments } : undefined
}

/** A problem of a file, for an answer. */
export function problemView({ file, line, field, detail }: SpecProblem) {
  return { file: file ?? '', ...(line === undefined ? {} : { line }), field, message: detail }
}
