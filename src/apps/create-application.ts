import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import type { FileChange } from '../git/index.ts'
import { stringifyYaml } from '../kube/yaml/index.ts'
import { kustomizationFile } from '../layout/index.ts'
import { type ApplicationObject, applicationKind, specError } from '../specs/index.ts'
import { type AppsPlace, applicationPaths } from './paths.ts'
import { baseRelease } from './release.ts'
import type { ChartChoice, Values } from './types.ts'

export interface NewApplication {
  readonly name: string
  readonly project: string
  readonly title?: string
  readonly description?: string
  readonly owners?: readonly string[]
  readonly chart: ChartChoice
  /** What every environment starts from. */
  readonly values: Values
}

/**
 * The files of a new application, deployed nowhere yet.
 *
 * @throws E_APP_NAME, E_APP_EXISTS, E_SPEC_INVALID
 */
export async function createApplication(
  tree: FileTree,
  place: AppsPlace,
  input: NewApplication,
): Promise<FileChange[]> {
  const paths = applicationPaths(input.name)
  if ((await tree.entry(paths.folder)) !== undefined) {
    throw new SluiceError('E_APP_EXISTS', { object: `application ${input.name}`, seen: `the folder ${paths.folder}` })
  }
  const definition = definitionOf(input)
  const errors = applicationKind.validate(definition)
  if (errors.length > 0)
    throw specError(errors.map(error => ({ ...error, object: `Application/${input.name}`, file: paths.definition })))
  const { name: app, project, chart, values } = input
  return [
    { path: paths.definition, content: stringifyYaml(definition) },
    { path: paths.baseKustomization, content: kustomizationFile(['release.yaml']) },
    { path: paths.baseRelease, content: stringifyYaml(baseRelease(place, { app, project, chart, values })) },
  ]
}

function definitionOf(input: NewApplication): ApplicationObject {
  const { name, project, title, description, owners, chart } = input
  return {
    apiVersion: applicationKind.apiVersion,
    kind: applicationKind.kind,
    metadata: { name },
    spec: {
      ...(title === undefined || title === '' ? {} : { title }),
      ...(description === undefined || description === '' ? {} : { description }),
      project,
      ...(owners === undefined || owners.length === 0 ? {} : { owners: [...owners] }),
      source:
        chart.kind === 'Template'
          ? { kind: 'Template', name: chart.name }
          : { kind: 'Chart', name: chart.name, repository: chart.repository },
    },
  }
}
