import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { jsonEqual } from '../base/json.ts'
import type { FileChange, Repository } from '../git/index.ts'
import { changeRelease } from './change-release.ts'
import { snapshotAt } from './history.ts'
import { type AppsPlace, applicationPaths, syncFolder } from './paths.ts'
import { requireApplication } from './read-applications.ts'
import { templatePath } from './release.ts'
import type { Deployment } from './types.ts'
import { overrideFor, type ValueChange, valueChanges } from './values.ts'

/** What a way back would change. */
export interface RestorePlan {
  readonly files: readonly FileChange[]
  readonly values: readonly ValueChange[]
  readonly chart: { readonly before: Deployment['chart']; readonly after: Deployment['chart'] } | undefined
}

/**
 * Gives an environment again what it was given at a commit. Only the environment's own files change: what the base says
 * by now stays, and the override is made anew against it, so that other environments are not touched.
 *
 * @throws E_APP_NOT_FOUND when it was not there then, or is not now; E_APP_VALUES when the base has other kinds of values now
 */
export async function restoreRelease(
  repository: Repository,
  tree: FileTree,
  place: AppsPlace,
  wish: { readonly app: string; readonly environment: string; readonly commit: string },
): Promise<RestorePlan> {
  const { app, environment, commit } = wish
  const was = await snapshotAt(repository, commit, app, environment)
  const missing = (object: string) => new SluiceError('E_APP_NOT_FOUND', { object })
  if (!was) throw missing(`application ${app} in ${environment} at ${commit.slice(0, 7)}`)
  const application = await requireApplication(tree, app)
  const now = application.deployments.find(one => one.environment === environment)
  if (!now) throw missing(`application ${app} in ${environment}`)
  const followsBase = jsonEqual(was.chart, application.chart)
  const movesChart = !jsonEqual(was.chart, now.chart)
  const changes = await changeRelease(tree, place, {
    app,
    environment,
    ...(jsonEqual(was.values, now.values) ? {} : { values: overrideFor(application.values, was.values) }),
    ...(movesChart ? { chart: followsBase ? null : was.chart } : {}),
    ...(was.suspended === now.suspended ? {} : { suspended: was.suspended }),
  })
  const chartFiles = movesChart ? await chartAt(repository, tree, commit, was.chart) : []
  return {
    files: [...chartFiles, ...changes],
    values: valueChanges(now.values, was.values),
    chart: movesChart ? { before: now.chart, after: was.chart } : undefined,
  }
}

/** The files of a reference chart that is no longer in the repository. */
async function chartAt(
  repository: Repository,
  tree: FileTree,
  commit: string,
  chart: Deployment['chart'],
): Promise<FileChange[]> {
  if (chart.kind !== 'Template') return []
  const folder = templatePath(chart.name, chart.version)
  if ((await tree.entry(`${folder}/Chart.yaml`)) !== undefined) return []
  const then = repository.tree(commit)
  const out: FileChange[] = []
  const copy = async (path: string): Promise<void> => {
    for (const entry of await then.list(path)) {
      if (entry.kind === 'folder') await copy(entry.path)
      const content = entry.kind === 'file' ? await then.read(entry.path) : undefined
      if (content !== undefined) out.push({ path: entry.path, content })
    }
  }
  await copy(folder)
  return out
}

/**
 * Undoes a commit as far as an application goes: `git revert` for its folder. Files that later commits changed are never
 * overwritten.
 *
 * @throws E_APP_CHANGED with the files that changed since; E_APP_NOT_FOUND when the commit did nothing to the application
 */
export async function revertCommit(
  repository: Repository,
  tree: FileTree,
  place: AppsPlace,
  wish: { readonly app: string; readonly commit: string },
): Promise<FileChange[]> {
  const found = await repository.commit(wish.commit)
  const object = `commit ${wish.commit.slice(0, 7)}`
  if (!found) throw new SluiceError('E_APP_NOT_FOUND', { object })
  const folders = [applicationPaths(wish.app).folder, `${syncFolder(place)}/${wish.app}`]
  const changes = (
    await Promise.all(folders.map(folder => repository.diff(found.parents[0], found.sha, folder)))
  ).flat()
  if (changes.length === 0)
    throw new SluiceError('E_APP_NOT_FOUND', { object, expected: `a commit that changes application ${wish.app}` })
  const blob = (id: string | undefined) => (id === undefined ? undefined : repository.blob(id))
  const files: FileChange[] = []
  const changed: string[] = []
  for (const { path, before, after } of changes) {
    const [was, made, now] = await Promise.all([blob(before), blob(after), tree.read(path)])
    const isSame = (one: Buffer | undefined) => (one === undefined ? now === undefined : now?.equals(one) === true)
    if (isSame(was)) continue
    if (!isSame(made)) changed.push(path)
    files.push({ path, content: was })
  }
  if (changed.length === 0) return files
  throw new SluiceError('E_APP_CHANGED', {
    object,
    expected: 'the files as the commit left them',
    seen: `later changes of ${changed.join(', ')}`,
    next: 'Undo the later commits first, or go back to an earlier release instead.',
  })
}
