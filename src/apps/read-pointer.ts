import type { FileTree } from '../base/file-tree.ts'
import { checkRepositoryUrl } from '../git/index.ts'
import { readDocuments, repositoryKind, type SpecProblem } from '../specs/index.ts'
import { appsFolder } from './paths.ts'
import type { RepositoryPointer } from './types.ts'

/** The file of a name that may not be one of an application. */
export const pointerFile = (name: string): string => `${appsFolder}/${name}/repository.yaml`

/** The repository that an application has of its own; undefined when it has none, or when the file cannot be read. */
export async function readPointer(
  tree: FileTree,
  name: string,
  problems: SpecProblem[],
): Promise<RepositoryPointer | undefined> {
  const file = pointerFile(name)
  const text = (await tree.read(file))?.toString('utf8')
  if (text === undefined) return undefined
  const wrong = (field: string, detail: string): undefined => {
    problems.push({ type: 'FieldValueInvalid', field, detail, object: `ApplicationRepository/${name}`, file })
  }
  const { documents, problems: unreadable } = readDocuments({ path: file, text })
  problems.push(...unreadable)
  const [document] = documents
  if (unreadable.length > 0) return undefined
  if (document?.object.kind !== repositoryKind.kind || document.object.apiVersion !== repositoryKind.apiVersion)
    return wrong('', `expected ${repositoryKind.kind} ${repositoryKind.apiVersion}`)
  const errors = repositoryKind.validate(document.object)
  problems.push(...errors.map((error): SpecProblem => ({ ...error, object: `ApplicationRepository/${name}`, file })))
  if (errors.length > 0) return undefined
  if (document.object.metadata.name !== name) return wrong('metadata.name', `must be ${name}, like its folder`)
  const { project, url, branch, id } = repositoryKind.applyDefaults(document.object).spec
  try {
    checkRepositoryUrl(url)
  } catch (error) {
    return wrong('spec.url', error instanceof Error ? error.message : String(error))
  }
  return { project, url, branch, id }
}

/** Every application with a repository of its own, as the fleet's repository names them. */
export async function readPointers(fleet: FileTree): Promise<ReadonlyMap<string, RepositoryPointer>> {
  const out = new Map<string, RepositoryPointer>()
  for (const { kind, name } of await fleet.list(appsFolder)) {
    const pointer = kind === 'folder' ? await readPointer(fleet, name, []) : undefined
    if (pointer !== undefined) out.set(name, pointer)
  }
  return out
}
