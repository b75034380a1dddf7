import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import type { FileChange } from '../git/index.ts'
import { checkOverride } from './check-override.ts'
import { setInDocument } from './edit-document.ts'
import { type AppsPlace, applicationPaths, deploymentPaths } from './paths.ts'
import { requireApplication } from './read-applications.ts'
import { chartSpec } from './release.ts'
import type { ChartChoice, Values } from './types.ts'

/** What is changed of a release; what is absent stays as it is. */
export interface ReleaseChange {
  readonly app: string
  /** The base, which all environments start from, when absent. */
  readonly environment?: string
  readonly values?: Values
  /** `null` in an environment: follow the base again. */
  readonly chart?: ChartChoice | null
  /** Environments only. */
  readonly suspended?: boolean
}

/** @throws E_APP_NOT_FOUND, E_APP_NAME, E_APP_INVALID, E_APP_VALUES */
export async function changeRelease(tree: FileTree, place: AppsPlace, change: ReleaseChange): Promise<FileChange[]> {
  const { app, environment } = change
  const path =
    environment === undefined ? applicationPaths(app).baseRelease : deploymentPaths(place, app, environment).release
  const before = (await tree.read(path))?.toString('utf8')
  if (before === undefined) {
    throw new SluiceError('E_APP_NOT_FOUND', {
      object: environment === undefined ? `application ${app}` : `application ${app} in ${environment}`,
      expected: path,
    })
  }
  if (change.values !== undefined) await checkKinds(tree, change, change.values)
  let text = before
  if (change.values !== undefined) text = setInDocument(text, ['spec', 'values'], change.values)
  if (change.chart !== undefined) {
    const chart = change.chart === null ? undefined : { spec: chartSpec(place, change.chart) }
    text = setInDocument(text, ['spec', 'chart'], chart)
  }
  if (change.suspended !== undefined && environment !== undefined)
    text = setInDocument(text, ['spec', 'suspend'], change.suspended ? true : undefined)
  return text === before ? [] : [{ path, content: text }]
}

/** A change of the base has to suit every override, and an override the base. */
async function checkKinds(tree: FileTree, { app, environment }: ReleaseChange, values: Values): Promise<void> {
  const { values: base, deployments } = await requireApplication(tree, app)
  if (environment !== undefined) return checkOverride(`${app} in ${environment}`, base, values)
  for (const one of deployments) checkOverride(`${app} in ${one.environment}`, values, one.override)
}
