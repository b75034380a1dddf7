import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { isObject } from '../base/json.ts'
import { type ApplicationObject, applicationKind, readDocuments, type SpecProblem } from '../specs/index.ts'
import { readEnvironments } from './environments.ts'
import { applicationPaths, appsFolder } from './paths.ts'
import { pointerFile, readPointer } from './read-pointer.ts'
import { at, readChart, releaseApiVersion } from './release.ts'
import type { Application, BrokenApplication, Deployment, Environment, Values } from './types.ts'
import { effectiveValues } from './values.ts'

/** What the repository holds of applications. */
export interface AppsInGit {
  readonly applications: readonly Application[]
  readonly broken: readonly BrokenApplication[]
  readonly environments: readonly Environment[]
  /** Files of environments that cannot be read. */
  readonly problems: readonly SpecProblem[]
}

/** Reads every application, or those named; one that cannot be read does not hide the others. */
export async function readApps(tree: FileTree, names?: readonly string[]): Promise<AppsInGit> {
  const { environments, problems } = await readEnvironments(tree)
  const applications: Application[] = []
  const broken: BrokenApplication[] = []
  for (const entry of await tree.list(appsFolder)) {
    if (entry.kind !== 'folder' || (names !== undefined && !names.includes(entry.name))) continue
    const found = await readApplication(tree, entry.name, environments)
    if (found === undefined) continue
    if ('problems' in found) broken.push(found)
    else applications.push(found)
  }
  return { applications, broken, environments, problems }
}

/** One application. @throws E_APP_NOT_FOUND, E_APP_INVALID, E_APP_NAME */
export async function requireApplication(tree: FileTree, name: string): Promise<Application> {
  applicationPaths(name)
  const { environments } = await readEnvironments(tree)
  const found = await readApplication(tree, name, environments)
  if (found === undefined) throw new SluiceError('E_APP_NOT_FOUND', { object: `application ${name}` })
  if (!('problems' in found)) return found
  throw new SluiceError('E_APP_INVALID', {
    object: `application ${name}`,
    seen: found.problems.map(one => `${one.file}${one.line ? `:${one.line}` : ''}: ${one.detail}`).join('; '),
  })
}

/** Undefined for a folder that is no application of Sluice's. */
async function readApplication(
  tree: FileTree,
  name: string,
  environments: readonly Environment[],
): Promise<Application | BrokenApplication | undefined> {
  const folder = `${appsFolder}/${name}`
  const definitionText = (await tree.read(`${folder}/application.yaml`))?.toString('utf8')
  const problems: SpecProblem[] = []
  const repository = await readPointer(tree, name, problems)
  if (definitionText === undefined) {
    if (repository === undefined) return problems.length === 0 ? undefined : { name, problems }
    return { name, problems: [problem(pointerFile(name), `${repository.url} has no such application`)] }
  }
  const definition = readDefinition(`${folder}/application.yaml`, definitionText, name, problems)
  const base = await readRelease(tree, `${folder}/base/release.yaml`, problems)
  const chart = base === undefined ? undefined : readChart(base)
  if (base && !chart)
    problems.push(problem(`${folder}/base/release.yaml`, 'spec.chart names no chart that Sluice wrote'))
  const values = (at(base, 'spec', 'values') ?? {}) as Values
  const deployments: Deployment[] = []
  for (const entry of await tree.list(folder)) {
    if (entry.kind !== 'folder' || entry.name === 'base') continue
    if ((await tree.entry(`${entry.path}/release.yaml`)) === undefined) continue
    const patch = await readRelease(tree, `${entry.path}/release.yaml`, problems)
    if (!patch || !chart) continue
    const override = (at(patch, 'spec', 'values') ?? {}) as Values
    const chartOverride = readChart(patch)
    deployments.push({
      environment: entry.name,
      namespace: String(at(patch, 'spec', 'targetNamespace') ?? ''),
      chartOverride,
      override,
      chart: chartOverride ?? chart,
      values: effectiveValues(values, override),
      suspended: at(patch, 'spec', 'suspend') === true,
    })
  }
  // Who may write to the application's repository does not say by it who else may change the application.
  if (repository !== undefined && definition !== undefined && definition.spec.project !== repository.project)
    problems.push(
      problem(
        `${folder}/application.yaml`,
        `spec.project is ${definition.spec.project}, and ${pointerFile(name)} of the fleet says ${repository.project}`,
      ),
    )
  if (problems.length > 0 || !definition || !chart) return { name, problems }
  const order = new Map(environments.map(one => [one.name, one.order]))
  const place = (deployment: Deployment) => order.get(deployment.environment) ?? Number.MAX_SAFE_INTEGER
  deployments.sort((a, b) => place(a) - place(b) || (a.environment < b.environment ? -1 : 1))
  const { spec } = definition
  return { name, title: spec.title ?? name, project: spec.project, definition, repository, chart, values, deployments }
}

function readDefinition(
  file: string,
  text: string,
  name: string,
  problems: SpecProblem[],
): ApplicationObject | undefined {
  const { documents, problems: unreadable } = readDocuments({ path: file, text })
  problems.push(...unreadable)
  const [document] = documents
  if (!document) return undefined
  const { object } = document
  if (object.kind !== applicationKind.kind || object.apiVersion !== applicationKind.apiVersion) {
    problems.push(problem(file, `expected ${applicationKind.kind} ${applicationKind.apiVersion}`))
    return undefined
  }
  const errors = applicationKind.validate(object)
  problems.push(...errors.map((error): SpecProblem => ({ ...error, object: `Application/${name}`, file })))
  if (object.metadata.name !== name) problems.push(problem(file, `metadata.name must be ${name}, like its folder`))
  return errors.length > 0 ? undefined : applicationKind.applyDefaults(object)
}

async function readRelease(tree: FileTree, file: string, problems: SpecProblem[]): Promise<unknown> {
  const text = (await tree.read(file))?.toString('utf8')
  if (text === undefined) {
    problems.push(problem(file, 'the file is not there'))
    return undefined
  }
  const { documents, problems: unreadable } = readDocuments({ path: file, text })
  problems.push(...unreadable)
  const release = documents.find(one => one.object.kind === 'HelmRelease')?.object
  if (!release || release.apiVersion !== releaseApiVersion) {
    if (unreadable.length === 0) problems.push(problem(file, `expected a HelmRelease ${releaseApiVersion}`))
    return undefined
  }
  const values = at(release, 'spec', 'values')
  if (values !== undefined && values !== null && !isObject(values)) {
    problems.push(problem(file, 'spec.values is no mapping'))
    return undefined
  }
  return release
}

function problem(file: string, detail: string): SpecProblem {
  return { type: 'FieldValueInvalid', field: '', detail, object: '', file }
}
