import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import type { FileChange } from '../git/index.ts'
import { type AppsPlace, applicationPaths, deploymentPaths, syncFolder } from './paths.ts'

/** Takes an application out of an environment: the engine uninstalls the release. @throws E_APP_NOT_FOUND */
export async function removeDeployment(
  tree: FileTree,
  place: AppsPlace,
  app: string,
  environment: string,
): Promise<FileChange[]> {
  const paths = deploymentPaths(place, app, environment)
  if ((await tree.entry(paths.release)) === undefined && (await tree.entry(paths.sync)) === undefined)
    throw new SluiceError('E_APP_NOT_FOUND', { object: `application ${app} in ${environment}` })
  return [...(await gone(tree, paths.folder)), ...(await gone(tree, paths.sync))]
}

/** Takes an application away altogether. @throws E_APP_NOT_FOUND, E_APP_NAME */
export async function removeApplication(tree: FileTree, place: AppsPlace, app: string): Promise<FileChange[]> {
  const { folder, definition } = applicationPaths(app)
  if ((await tree.entry(definition)) === undefined)
    throw new SluiceError('E_APP_NOT_FOUND', { object: `application ${app}` })
  return [...(await gone(tree, folder)), ...(await gone(tree, `${syncFolder(place)}/${app}`))]
}

/** Every file at and under a path, as a removal. */
async function gone(tree: FileTree, path: string): Promise<FileChange[]> {
  const entry = await tree.entry(path)
  if (!entry) return []
  if (entry.kind !== 'folder') return [{ path, content: undefined }]
  const out: FileChange[] = []
  for (const child of await tree.list(path)) out.push(...(await gone(tree, child.path)))
  return out
}
