import {
  type Application,
  applicationPaths,
  at,
  deploymentPaths,
  requireApplication,
  settleSyncs,
  syncFolder,
} from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { FileChange } from '../../git/index.ts'
import { parseYamlStream } from '../../kube/yaml/index.ts'
import type { Home } from '../repository/index.ts'
import type { Draft } from './draft.ts'
import { type OwnKey, ownKeyIn } from './own-key.ts'
import type { OwnPart } from './plan.ts'
import type { Change } from './scopes-of.ts'

/** Whether an earlier run has written the application's own files of an environment, and not what points the cluster there. */
export async function isLeftUndone(draft: Draft, app: string, environment: string): Promise<boolean> {
  const { release, sync } = deploymentPaths(draft.place, app, environment)
  const tree = draft.tree()
  return (await tree.entry(release)) !== undefined && (await tree.entry(sync)) === undefined
}

/** What the fleet's repository needs besides, for the environments that a change is about. */
export async function settled(draft: Draft, change: Change, before: Application): Promise<FileChange[]> {
  if (change.kind === 'create' || (change.kind === 'remove' && change.environment === undefined)) return []
  const { app } = change
  const tree = draft.tree()
  if ((await tree.entry(applicationPaths(app).definition)) === undefined) {
    throw new SluiceError('E_REQUEST_INVALID', {
      object: `application ${app}`,
      expected: 'a change that leaves its application.yaml where it is',
      seen: 'the commit that made it, undone',
      next: 'Remove the application instead.',
    })
  }
  const all = async () => (await requireApplication(tree, app)).deployments.map(one => one.environment)
  const environments =
    change.kind === 'revert' && change.environment === undefined
      ? [...new Set([...before.deployments.map(one => one.environment), ...(await all())])]
      : change.kind === 'promote'
        ? [change.to]
        : change.environment === undefined
          ? []
          : [change.environment]
  return settleSyncs(tree, draft.place, { app, project: before.project, environments })
}

/** What a change of an application with a repository of its own does beside its commit. */
export async function ownPart(draft: Draft, home: Home, change: Change): Promise<OwnPart> {
  const key = await keyTaken(draft, change)
  const taken = key === undefined ? {} : { key: { ...key, action: 'take' as const } }
  return { first: await firstOf(draft, change), notes: notesOf(home, change, key), ...taken }
}

/**
 * Which commit is made first: what the cluster is pointed to has to be there, what is taken away may not be followed any more, and
 * sealed values come to a Kustomization that opens them.
 */
async function firstOf({ state, place, files }: Draft, change: Change): Promise<'own' | 'fleet'> {
  if (change.kind === 'remove') return 'fleet'
  for (const { path, content } of files.values()) {
    if (!path.startsWith(`${syncFolder(place)}/`) || content === undefined) continue
    const opens = at(parseYamlStream(String(content))[0]?.value, 'spec', 'decryption') !== undefined
    if (opens && (await state.tree.entry(path)) !== undefined) return 'fleet'
  }
  return 'own'
}

/** What people should know of the repository. */
function notesOf({ title }: Home, change: Change, key: OwnKey | undefined): string[] {
  if (change.kind !== 'remove' || change.environment !== undefined) return []
  const stays = `${title} stays as it is: delete it at the host when nobody needs it any more`
  if (key === undefined) return [stays]
  const { namespace, secretName, title: name } = key
  return [
    stays,
    `The deploy key "${name}" is removed there, and the Secret ${namespace}/${secretName} from the cluster.`,
  ]
}

/** The deploy key that goes with an application. */
async function keyTaken(draft: Draft, change: Change): Promise<OwnKey | undefined> {
  const { tree, home, sync } = draft.state
  if (home === undefined || change.kind !== 'remove' || change.environment !== undefined) return undefined
  return ownKeyIn(tree, home.fleet, home.app, sync.branch)
}
