import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import type { FileChange } from '../git/index.ts'
import { deploymentFiles } from './deployment-files.ts'
import { namespaceOf, requireEnvironment } from './environments.ts'
import { type AppsPlace, appsFolder, deploymentName, deploymentPaths } from './paths.ts'
import type { ChartChoice, Environment, Values } from './types.ts'

export interface NewDeployment {
  readonly app: string
  readonly project: string
  readonly environment: string
  /** Follows the base when absent. */
  readonly chart?: ChartChoice
  readonly override: Values
  /** Whether sealed values are written beside it. */
  readonly hasSecrets?: boolean
}

/**
 * The files that bring an application to an environment. `app` may be one whose own files are made in the same commit.
 *
 * @throws E_APP_NAME, E_APP_NOT_FOUND, E_APP_EXISTS, E_APP_PROJECT
 */
export async function deployTo(tree: FileTree, place: AppsPlace, input: NewDeployment): Promise<FileChange[]> {
  const { app, project, environment: name, override } = input
  const paths = deploymentPaths(place, app, name)
  const environment = await requireEnvironment(tree, name)
  checkProject(environment, project)
  if ((await tree.entry(paths.folder)) !== undefined) {
    throw new SluiceError('E_APP_EXISTS', {
      object: `application ${app} in ${name}`,
      seen: `the folder ${paths.folder}`,
    })
  }
  await refuseSameName(tree, app, name)
  return deploymentFiles(place, {
    app,
    project,
    environment: name,
    namespace: checkNamespace(namespaceOf(environment, app), app, name),
    kubeConfigSecret: environment.object.spec.cluster?.kubeConfigSecret,
    chart: input.chart,
    override,
    hasSecrets: input.hasSecrets === true,
    suspended: false,
  })
}

/** @throws E_APP_PROJECT */
export function checkProject(environment: Environment, project: string): void {
  const allowed = environment.object.spec.projects
  if (allowed === undefined || allowed.includes(project)) return
  throw new SluiceError('E_APP_PROJECT', {
    object: `environment ${environment.name}`,
    expected: `one of ${allowed.join(', ')}`,
    seen: project,
  })
}

/** `a-b` in `c` and `a` in `b-c` would be one object in the cluster. */
async function refuseSameName(tree: FileTree, app: string, environment: string): Promise<void> {
  const name = deploymentName(app, environment)
  for (const other of await tree.list(appsFolder)) {
    if (other.kind !== 'folder' || other.name === app || !name.startsWith(`${other.name}-`)) continue
    const rest = name.slice(other.name.length + 1)
    if ((await tree.entry(`${other.path}/${rest}/release.yaml`)) === undefined) continue
    throw new SluiceError('E_APP_EXISTS', {
      object: `application ${app} in ${environment}`,
      expected: `a name that no other release has`,
      seen: `application ${other.name} in ${rest} is released as ${name} too`,
    })
  }
}

function checkNamespace(namespace: string, app: string, environment: string): string {
  if (namespace.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(namespace)) return namespace
  throw new SluiceError('E_APP_NAME', {
    object: `namespace of ${app} in ${environment}`,
    expected: 'at most 63 characters',
    seen: namespace,
  })
}
