import {
  type Application,
  at,
  type Deployment,
  deploymentName,
  type Environment,
  overriddenAt,
  readChart,
  type Values,
} from '../../apps/index.ts'
import { isObject, jsonEqual } from '../../base/json.ts'
import { conditionOf } from '../../kube/condition.ts'
import type { KubeObject } from '../../kube/object.ts'
import { redact } from '../../secrets/secret.ts'
import type { DeploymentView } from '../contract/applications.ts'
import type { FluxObjects } from '../flux/flux-objects.ts'
import type { Trouble, Troubles } from './troubles.ts'

/** `repository:tag` of values that have an image. */
export function imageOf(values: unknown): string | undefined {
  const image = at(values, 'image')
  if (typeof image === 'string') return image.slice(0, 500)
  if (!isObject(image)) return undefined
  const text = (key: string) => (typeof image[key] === 'string' && image[key] !== '' ? String(image[key]) : undefined)
  const name = [text('registry'), text('repository') ?? text('name')].filter(part => part !== undefined).join('/')
  const [tag, digest] = [
    image['tag'] === undefined || image['tag'] === '' ? undefined : String(image['tag']),
    text('digest'),
  ]
  if (name === '' && tag === undefined) return undefined
  const pin = digest === undefined ? (tag === undefined ? '' : `:${tag}`) : `@${digest}`
  return `${name}${pin}`.slice(0, 500)
}

/** Commit of a revision: `main@sha1:…`. */
export function commitOf(revision: unknown): string | undefined {
  return typeof revision === 'string' ? /sha(?:1|256):([0-9a-f]{40,64})$/.exec(revision)?.[1] : undefined
}

/** The objects of the cluster for an application in an environment. */
export function objectsFor(flux: FluxObjects | undefined, namespace: string, app: string, environment: string) {
  const name = deploymentName(app, environment)
  return {
    release: flux?.releases.get(namespace, name),
    kustomization: flux?.kustomizations.get(namespace, name),
  }
}

/** How an application does in an environment: what Git says beside what the cluster has. */
export function deploymentView(
  application: Application,
  deployment: Deployment,
  environments: readonly Environment[],
  { flux, troubles }: { readonly flux: FluxObjects | undefined; readonly troubles: Troubles },
  namespace: string,
): DeploymentView {
  const environment = environments.find(one => one.name === deployment.environment)
  const { release, kustomization } = objectsFor(flux, namespace, application.name, deployment.environment)
  const image = imageOf(deployment.values)
  const agrees = agreesWith(deployment, release)
  return {
    environment: deployment.environment,
    title: environment?.title ?? deployment.environment,
    order: environment?.order ?? 1000,
    namespace: deployment.namespace,
    git: {
      chart: deployment.chart,
      chartOverridden: deployment.chartOverride !== undefined,
      ...(image === undefined ? {} : { image }),
      suspended: deployment.suspended,
      overrides: overriddenAt(application.values, deployment.override).length,
    },
    ...(release === undefined ? {} : { live: liveOf(release, kustomization) }),
    agrees,
    health:
      flux?.ready === true
        ? withTrouble(
            healthOf(deployment, agrees, release, kustomization),
            troubles.of(application.name, deployment.environment),
          )
        : { state: 'unknown', message: 'the cluster cannot be asked now' },
  }
}

function agreesWith({ values, chart, suspended }: Deployment, release: KubeObject | undefined): boolean {
  if (release === undefined) return false
  return (
    jsonEqual((at(release, 'spec', 'values') ?? {}) as Values, values) &&
    jsonEqual(readChart(release) ?? null, chart) &&
    (at(release, 'spec', 'suspend') === true) === suspended
  )
}

function liveOf(release: KubeObject, kustomization: KubeObject | undefined): NonNullable<DeploymentView['live']> {
  const history = at(release, 'status', 'history')
  const latest: unknown = Array.isArray(history) ? history[0] : undefined
  const number = at(latest, 'version')
  const releasedAt = at(latest, 'lastDeployed')
  const chart = readChart(release)
  const image = imageOf(at(release, 'spec', 'values'))
  const commit = commitOf(at(kustomization, 'status', 'lastAppliedRevision'))
  return {
    ...(chart === undefined ? {} : { chart }),
    ...(image === undefined ? {} : { image }),
    ...(commit === undefined ? {} : { commit }),
    ...(typeof number === 'number' ? { release: number } : {}),
    ...(typeof releasedAt === 'string' ? { releasedAt } : {}),
    suspended: at(release, 'spec', 'suspend') === true,
  }
}

function healthOf(
  { suspended }: Deployment,
  agrees: boolean,
  release: KubeObject | undefined,
  kustomization: KubeObject | undefined,
): DeploymentView['health'] {
  const told = (object: KubeObject) => `${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`
  const about = (object: KubeObject, state: DeploymentView['health']['state']) => {
    const ready = conditionOf(object, 'Ready')
    return {
      state,
      message: redact(ready?.message ?? '').slice(0, 2000),
      ...(ready?.lastTransitionTime === undefined ? {} : { since: ready.lastTransitionTime }),
      object: told(object),
    }
  }
  if (release === undefined) {
    if (kustomization && failed(kustomization)) return about(kustomization, 'failed')
    return { state: 'missing', message: kustomization ? 'not released yet' : 'the cluster has not come to it yet' }
  }
  if (suspended && at(release, 'spec', 'suspend') === true)
    return { state: 'suspended', message: 'reconciliation is suspended in Git', object: told(release) }
  if (failed(release)) return about(release, 'failed')
  // The Kustomization waits for the release: only what the release does not say is told of it.
  if (!agrees && kustomization && failed(kustomization)) return about(kustomization, 'failed')
  if (conditionOf(release, 'Ready')?.status === 'True' && agrees && isObserved(release))
    return about(release, 'healthy')
  return about(release, 'progressing')
}

/** What does not get on is not simply on its way. */
function withTrouble(health: DeploymentView['health'], trouble: Trouble | undefined): DeploymentView['health'] {
  return health.state === 'progressing' && trouble !== undefined ? { ...health, stuck: { ...trouble } } : health
}

function failed(object: KubeObject): boolean {
  if (conditionOf(object, 'Stalled')?.status === 'True') return true
  return conditionOf(object, 'Ready')?.status === 'False' && isObserved(object)
}

function isObserved({ metadata, status }: KubeObject & { readonly status?: unknown }): boolean {
  const observed = at(status, 'observedGeneration')
  return typeof observed === 'number' && observed >= (metadata.generation ?? 0)
}
