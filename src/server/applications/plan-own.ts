import { applicationPaths, isOwnFile, mountApps, mountOwn, pointerFileOf, sourceFile } from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { type FileTree, memoryTree } from '../../base/file-tree.ts'
import type { FileChange } from '../../git/index.ts'
import { markerFile, markerPath, readMarker } from '../../layout/index.ts'
import type { ServerContext } from '../context.ts'
import { appState, ownState, type RepositoryState } from '../repository/index.ts'
import { lookAtRepository, type NewHome } from './new-repository.ts'
import type { OwnKey } from './own-key.ts'
import type { Plan } from './plan.ts'
import { planChange } from './plan-change.ts'
import type { Change } from './scopes-of.ts'

/** What stands in the pointer of a preview while the repository is not made yet. */
const unknownId = 'told by the host when the repository is made'

/** A plan, and the state of the repository that it is for: the application's own, where it has one. */
export interface Planned {
  readonly state: RepositoryState
  readonly plan: Plan
}

/**
 * Works out a change in the repository that its application stands in. Nothing is written.
 *
 * @throws as {@link planChange} does; E_APP_REPOSITORY, E_APP_REPOSITORY_TAKEN, E_GATE_CLOSED, E_FLEET_OTHER_HOST, E_FORGE_…
 */
export async function planFor(context: ServerContext, fleet: RepositoryState, change: Change): Promise<Planned> {
  if (change.kind === 'create' && change.repository === 'own') return planNew(context, fleet, change)
  const state = change.kind === 'create' ? fleet : appState(fleet, change.app)
  return { state, plan: await planChange(context, state, change) }
}

/** The files of a new application, those that stand in its own repository and those of the fleet that point there. */
async function planNew(
  context: ServerContext,
  fleet: RepositoryState,
  change: Extract<Change, { kind: 'create' }>,
): Promise<Planned> {
  const { name: app, project } = change
  const { folder } = applicationPaths(app)
  if ((await fleet.tree.entry(folder)) !== undefined)
    throw new SluiceError('E_APP_EXISTS', { object: `application ${app}`, seen: `the folder ${folder}` })
  const home = await lookAtRepository(context, fleet, { app, project })
  const { url, branch, id, key } = home
  const pointer = { project, url, branch, id: id ?? unknownId }
  const state = ownState(fleet, { ...home, app, pointer }, home.tree, { id })
  // What the repository has of the application is left out of sight: it is planned as if it were new, and compared then.
  const hidden = mountOwn(mountApps(fleet.tree, new Map([[app, memoryTree({})]])), home.tree)
  const plan = await planChange(context, { ...state, tree: hidden }, change)
  const { files, notes } = await besideWhatIsThere(home, plan, app, change.adopt)
  const fetched = { url: key?.url ?? url, secretName: key?.secretName ?? fleet.sync.secretName }
  return {
    state,
    plan: {
      ...plan,
      files: [
        ...files,
        ...(await markerChange(home)),
        sourceFile(fleet.place, { app, project, branch, ...fetched }),
        pointerFileOf(app, pointer),
      ],
      own: {
        first: 'own',
        notes: [...notes, ...(key === undefined ? [] : [keyNote(home, key)])],
        ...(key === undefined ? {} : { key: { ...key, action: 'give' } }),
        ...(home.make === undefined ? {} : { make: home.make }),
        pointer: { project, url, branch },
        adopts: change.adopt,
      },
    },
  }
}

/** What is made beside the commits: a private key does not belong into Git. */
function keyNote({ title }: NewHome, { namespace, secretName, title: name }: OwnKey): string {
  return `The cluster fetches ${title} over SSH with a key of its own: the deploy key "${name}", which only fetches, is added there, and its private half is written into the cluster, as the Secret ${namespace}/${secretName}. It is not in Git.`
}

async function markerChange({ tree }: NewHome): Promise<FileChange[]> {
  return (await readMarker(tree)) === 'ours' ? [] : [{ path: markerPath, content: markerFile }]
}

/**
 * An empty repository, and one in which an earlier run has left the very same application, are taken. Any other is only when
 * the person adopts it; then the application's folder is made what the change says.
 */
async function besideWhatIsThere(
  { tree, title, id }: NewHome,
  plan: Plan,
  app: string,
  adopt: boolean,
): Promise<{ readonly files: readonly FileChange[]; readonly notes: readonly string[] }> {
  const names = (await tree.list('')).map(one => (one.kind === 'folder' ? `${one.name}/` : one.name))
  if (names.length === 0) return { files: plan.files, notes: id === undefined ? [] : [`${title} is there, and empty`] }
  const marker = await readMarker(tree)
  if (marker === 'foreign' || marker === 'newer') {
    throw new SluiceError('E_APP_REPOSITORY', {
      object: title,
      expected: `the ${markerPath} of this version of Sluice, or none`,
      seen: marker === 'newer' ? 'that of a later version' : 'a file that Sluice did not make',
    })
  }
  const { folder } = applicationPaths(app)
  const there = await filesIn(tree, folder)
  const wanted = new Map(plan.files.filter(({ path }) => isOwnFile(app, path)).map(one => [one.path, one.content]))
  const differs: string[] = []
  for (const path of there) {
    // Sealed anew each time: what is in it is not to be compared.
    if (path.endsWith('/secrets.yaml') && wanted.has(path)) continue
    const content = wanted.get(path)
    if (content === undefined || !(await tree.read(path))?.equals(Buffer.from(content))) differs.push(path)
  }
  if (marker === 'ours' && there.length > 0 && differs.length === 0)
    return { files: plan.files, notes: [`${title} has the application from an earlier try, which is finished now`] }
  if (adopt) {
    const gone = there.filter(path => !wanted.has(path)).map((path): FileChange => ({ path, content: undefined }))
    return { files: [...plan.files, ...gone], notes: [`${title} is adopted; what stands there otherwise stays`] }
  }
  // What else stands there is not everybody's to see.
  const named = marker === 'ours' ? differs : []
  const more = named.length > 5 ? ` and ${named.length - 5} more` : ''
  throw new SluiceError('E_APP_REPOSITORY_TAKEN', {
    object: title,
    expected: 'an empty repository, or one with this very application',
    seen: named.length > 0 ? `${named.slice(0, 5).join(', ')}${more}` : 'files of something else',
  })
}

async function filesIn(tree: FileTree, folder: string): Promise<string[]> {
  const out: string[] = []
  for (const entry of await tree.list(folder)) {
    if (entry.kind === 'folder') out.push(...(await filesIn(tree, entry.path)))
    else out.push(entry.path)
  }
  return out
}
