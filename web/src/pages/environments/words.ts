import type { ApplicationSummary, DeploymentView } from '../../../../src/server/contract/applications.ts'
import type { EnvironmentSpec } from '../../../../src/server/contract/environments.ts'
import { type State, stateOrder } from '../../ui/state.tsx'
import { healthOf } from '../applications/words.ts'

/** An application in an environment. */
export interface Placed {
  readonly app: ApplicationSummary
  readonly deployment: DeploymentView
}

export const placedIn = (applications: readonly ApplicationSummary[], environment: string): readonly Placed[] =>
  applications.flatMap(app =>
    app.deployments.filter(one => one.environment === environment).map(deployment => ({ app, deployment })),
  )

/** The state that needs somebody most, and how many have it. */
export function worstOf(placed: readonly Placed[]): { readonly state: State; readonly word: string } | undefined {
  const looks = placed.map(one => healthOf(one.deployment))
  const [worst] = [...looks].sort((a, b) => stateOrder.indexOf(a.state) - stateOrder.indexOf(b.state))
  if (worst === undefined) return undefined
  const same = looks.filter(one => one.word === worst.word).length
  if (same === looks.length)
    return { state: worst.state, word: looks.length === 1 ? worst.word : `All ${lower(worst.word)}` }
  return { state: worst.state, word: `${same} of ${looks.length} ${lower(worst.word)}` }
}

const lower = (word: string): string => word.charAt(0).toLowerCase() + word.slice(1)

export const clusterWords = ({ cluster }: EnvironmentSpec): string =>
  cluster === undefined ? 'management cluster' : (cluster.name ?? cluster.kubeConfigSecret)

export const projectsWords = ({ projects }: EnvironmentSpec): string =>
  projects === undefined ? 'every project' : projects.length === 0 ? 'no project' : projects.join(', ')

/** What a pattern makes of an application's name; undefined for one that makes no namespace. */
export function namespaceExample(pattern: string, environment: string, app = 'shop'): string | undefined {
  const out = pattern.replaceAll('{app}', app).replaceAll('{environment}', environment)
  return out.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(out) ? out : undefined
}
