import type { ApplicationSummary, DeploymentView } from '../../../../src/server/contract/applications.ts'
import type { ChartChoiceView } from '../../../../src/server/contract/values.ts'
import { type State, worstOf } from '../../ui/state-order.ts'

export interface Health {
  readonly state: State
  readonly word: string
}

/** The state of a deployment: colour and word. The one rule for lists, headers and panels. */
export const healthOf = (deployment: Pick<DeploymentView, 'health' | 'agrees'>): Health => {
  const looks: Record<DeploymentView['health']['state'], { state: State; word: string }> = {
    healthy: { state: 'agreed', word: 'Healthy' },
    progressing: { state: 'moving', word: 'Progressing' },
    failed: { state: 'broken', word: 'Failed' },
    suspended: { state: 'paused', word: 'Suspended' },
    missing: { state: 'moving', word: 'Not there yet' },
    unknown: { state: 'attention', word: 'Unknown' },
  }
  const look = looks[deployment.health.state]
  if (deployment.health.stuck !== undefined) return { state: 'attention', word: 'Stuck' }
  if (look.state === 'agreed' && !deployment.agrees) return { state: 'attention', word: 'Differs from Git' }
  return look
}

/** Of an application that is in several environments: what needs somebody most; undefined of one that is in none. */
export const worstHealth = (deployments: readonly Pick<DeploymentView, 'health' | 'agrees'>[]): Health | undefined =>
  worstOf(deployments.map(healthOf))

export const appPath = (name: string, rest: Readonly<Record<string, string>> = {}): string => {
  const query = new URLSearchParams(rest).toString()
  return `/applications/${encodeURIComponent(name)}${query === '' ? '' : `?${query}`}`
}

export const chartPath = (chart: ChartChoiceView): string | undefined =>
  chart.kind === 'Chart'
    ? `/charts/${encodeURIComponent(chart.repository)}/${chart.name.split('/').map(encodeURIComponent).join('/')}?version=${encodeURIComponent(chart.version)}`
    : undefined

/** The tag or the short digest: what tells two images of one repository apart. */
export function imageTag(image: string | undefined): string | undefined {
  if (image === undefined) return undefined
  const digest = image.indexOf('@')
  if (digest >= 0) return image.slice(digest + 1, digest + 20)
  const colon = image.lastIndexOf(':')
  return colon > image.lastIndexOf('/') ? image.slice(colon + 1) : image
}

/** What runs, on a few characters: the image's tag, else the chart's version. */
export const versionWords = (side: {
  chart?: ChartChoiceView | undefined
  image?: string | undefined
}): string | undefined => imageTag(side.image) ?? side.chart?.version

/** Whether an application is found by what is typed into the filter. */
export function appMatches(app: ApplicationSummary, text: string): boolean {
  const all = [
    app.name,
    app.title,
    app.project,
    app.description,
    app.chart.name,
    ...app.deployments.flatMap(d => [d.environment, d.git.image ?? '']),
  ]
  const words = all.join(' ').toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every(part => words.includes(part))
}
