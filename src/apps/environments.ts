import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import type { FileChange } from '../git/index.ts'
import { stringifyYaml } from '../kube/yaml/index.ts'
import { type EnvironmentObject, environmentKind, readDocuments, type SpecProblem, specError } from '../specs/index.ts'
import { appsFolder, environmentPath, environmentsFolder } from './paths.ts'
import type { Environment } from './types.ts'

/** Every environment that Git names, in their order; files that cannot be read are problems. */
export async function readEnvironments(
  tree: FileTree,
): Promise<{ readonly environments: readonly Environment[]; readonly problems: readonly SpecProblem[] }> {
  const environments: Environment[] = []
  const problems: SpecProblem[] = []
  for (const entry of await tree.list(environmentsFolder)) {
    if (entry.kind !== 'file' || !/\.ya?ml$/.test(entry.name)) continue
    const text = (await tree.read(entry.path))?.toString('utf8') ?? ''
    const { documents, problems: unreadable } = readDocuments({ path: entry.path, text })
    problems.push(...unreadable)
    for (const { object, line } of documents) {
      if (object.kind !== environmentKind.kind || object.apiVersion !== environmentKind.apiVersion) continue
      const name = object.metadata.name ?? ''
      const errors = environmentKind.validate(object)
      const place = { file: entry.path, line, object: `Environment/${name}` }
      problems.push(...errors.map((error): SpecProblem => ({ ...error, ...place })))
      if (errors.length > 0) continue
      if (environments.some(one => one.name === name)) {
        problems.push({ type: 'FieldValueDuplicate', field: 'metadata.name', detail: 'is there twice', ...place })
        continue
      }
      environments.push(environmentOf(environmentKind.applyDefaults(object)))
    }
  }
  environments.sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1))
  return { environments, problems }
}

function environmentOf(object: EnvironmentObject): Environment {
  const name = object.metadata.name ?? ''
  return { name, title: object.spec.title ?? name, order: object.spec.order ?? 0, object }
}

/** One environment. @throws E_APP_NOT_FOUND, E_SPEC_INVALID when its file cannot be read */
export async function requireEnvironment(tree: FileTree, name: string): Promise<Environment> {
  const { environments, problems } = await readEnvironments(tree)
  const found = environments.find(one => one.name === name)
  if (found) return found
  const about = problems.filter(one => one.file === environmentPath(name))
  if (about.length > 0) throw specError(about)
  const known = environments.map(one => one.name).join(', ')
  throw new SluiceError('E_APP_NOT_FOUND', {
    object: `environment ${name}`,
    expected: known === '' ? 'an environment in Git' : `one of ${known}`,
  })
}

/** Namespace of an application in an environment. */
export function namespaceOf(environment: Environment, app: string): string {
  return (environment.object.spec.namespace ?? '{app}-{environment}')
    .replaceAll('{app}', app)
    .replaceAll('{environment}', environment.name)
}

/** What an environment is written with. */
export interface EnvironmentInput {
  readonly name: string
  readonly spec: EnvironmentObject['spec']
}

/** Adds or changes an environment. Namespaces of what is deployed there stay as they are. @throws E_SPEC_INVALID, E_APP_NAME */
export function writeEnvironment(input: EnvironmentInput): FileChange[] {
  const path = environmentPath(input.name)
  const object = {
    apiVersion: environmentKind.apiVersion,
    kind: environmentKind.kind,
    metadata: { name: input.name },
    spec: input.spec,
  }
  const errors = environmentKind.validate(object)
  if (errors.length > 0)
    throw specError(errors.map(error => ({ ...error, object: `Environment/${input.name}`, file: path })))
  return [{ path, content: stringifyYaml(object) }]
}

/** Takes an environment away that nothing is deployed to. @throws E_APP_NOT_FOUND, E_APP_EXISTS when something is */
export async function removeEnvironment(tree: FileTree, name: string): Promise<FileChange[]> {
  await requireEnvironment(tree, name)
  const deployed: string[] = []
  for (const entry of await tree.list(appsFolder)) {
    if ((await tree.entry(`${entry.path}/${name}/release.yaml`)) !== undefined) deployed.push(entry.name)
  }
  if (deployed.length > 0) {
    throw new SluiceError('E_APP_EXISTS', {
      object: `environment ${name}`,
      expected: 'an environment that nothing is deployed to',
      seen: deployed.join(', '),
      next: 'Remove these applications from the environment first.',
    })
  }
  for (const entry of await tree.list(environmentsFolder)) {
    const text = (await tree.read(entry.path))?.toString('utf8') ?? ''
    const { documents } = readDocuments({ path: entry.path, text })
    if (documents.length === 1 && documents[0]?.object.metadata.name === name)
      return [{ path: entry.path, content: undefined }]
  }
  throw new SluiceError('E_APP_INVALID', {
    object: `environment ${name}`,
    expected: 'a file of its own',
    seen: 'a file with several documents',
    next: 'Take it out of that file by hand.',
  })
}
