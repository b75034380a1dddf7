import type { FileTree } from '../base/file-tree.ts'
import type { FileChange } from '../git/index.ts'
import { parseYamlStream, stringifyYaml } from '../kube/yaml/index.ts'
import { markerPath } from '../layout/index.ts'
import { repositoryKind } from '../specs/index.ts'
import { syncFile } from './deployment-files.ts'
import {
  type AppsPlace,
  appsFolder,
  chartsFolder,
  deploymentPaths,
  pointerPath,
  sourceNameOf,
  sourcePath,
} from './paths.ts'
import { appLabels, at } from './release.ts'
import { linkSecrets } from './secret-values.ts'
import type { RepositoryPointer } from './types.ts'

/** A repository of an application's own, for the cluster. */
export interface OwnSource extends Omit<RepositoryPointer, 'id'> {
  readonly app: string
  /** Secret that the cluster fetches it with, in the system namespace; undefined when it needs none. */
  readonly secretName: string | undefined
}

/** Where an application with a repository of its own stands: everything of the fleet's place but the source. */
export function ownPlace(fleet: AppsPlace, app: string): AppsPlace {
  return { ...fleet, sourceName: sourceNameOf(app) }
}

/** What the fleet's repository says of an application with a repository of its own: where it is, and which it is. */
export function pointerFileOf(app: string, pointer: RepositoryPointer): FileChange {
  const { project, url, branch, id } = pointer
  return {
    path: pointerPath(app),
    content: stringifyYaml({
      apiVersion: repositoryKind.apiVersion,
      kind: repositoryKind.kind,
      metadata: { name: app },
      spec: { project, url, branch, id },
    }),
  }
}

/** Its GitRepository, among what the cluster applies. */
export function sourceFile(place: AppsPlace, { app, project, url, branch, secretName }: OwnSource): FileChange {
  return {
    path: sourcePath(place, app),
    content: stringifyYaml({
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: {
        name: sourceNameOf(app),
        namespace: place.systemNamespace,
        labels: { [appLabels.application]: app, [appLabels.project]: project },
      },
      spec: {
        interval: '1m0s',
        url,
        ref: { branch },
        ...(secretName === undefined ? {} : { secretRef: { name: secretName } }),
      },
    }),
  }
}

/** Whether a file of an application stands in its own repository; the others stand in the fleet's. */
export function isOwnFile(app: string, path: string): boolean {
  if (path === pointerPath(app)) return false
  if (path === markerPath) return true
  return path.startsWith(`${appsFolder}/${app}/`) || path.startsWith(`${chartsFolder}/`)
}

/**
 * Makes the Kustomizations of the fleet agree with what the application's own repository has: what an earlier run left undone
 * between its two commits, and what a revert of the one needs of the other. `tree` has both.
 */
export async function settleSyncs(
  tree: FileTree,
  place: AppsPlace,
  {
    app,
    project,
    environments,
  }: { readonly app: string; readonly project: string; readonly environments: readonly string[] },
): Promise<FileChange[]> {
  const out: FileChange[] = []
  for (const environment of environments) {
    const paths = deploymentPaths(place, app, environment)
    const isThere = (await tree.entry(paths.release)) !== undefined
    const sync = await tree.entry(paths.sync)
    const hasSecrets = isThere && (await tree.entry(paths.secrets)) !== undefined
    if (isThere && sync === undefined) out.push(syncFile(place, { app, environment, project, hasSecrets }))
    else if (!isThere && sync !== undefined) out.push({ path: paths.sync, content: undefined })
    else if (isThere) {
      const text = (await tree.read(paths.sync))?.toString('utf8') ?? ''
      const opens = at(parseYamlStream(text)[0]?.value, 'spec', 'decryption') !== undefined
      if (opens === hasSecrets) continue
      const linked = await linkSecrets(tree, place, app, environment, hasSecrets)
      out.push(...linked.filter(({ path }) => path === paths.sync))
    }
  }
  return out
}
