import { type Application, applicationPaths, at, deploymentPaths, type Stage } from '../../apps/index.ts'
import { isObject } from '../../base/json.ts'
import { explain } from '../../insight/why.ts'
import { workloadTrouble } from '../../insight/workload-trouble.ts'
import { formatRef, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { redact } from '../../secrets/secret.ts'
import { placeOf, readDocuments } from '../../specs/index.ts'
import type { ServerContext } from '../context.ts'
import type { Culprit } from '../contract/change-result.ts'
import type { RepositoryState } from '../repository/index.ts'
import { appNamed, readAppsNow } from './apps-in-git.ts'
import { objectsFor } from './deployment-view.ts'
import type { Journey } from './timeline.ts'

const workloads = [
  { group: 'apps', version: 'v1', kind: 'Deployment' },
  { group: 'apps', version: 'v1', kind: 'StatefulSet' },
  { group: 'apps', version: 'v1', kind: 'DaemonSet' },
  { group: 'batch', version: 'v1', kind: 'Job' },
] as const
const lookMs = 10_000

/** Reasons that do not pass by themselves. */
const lasting = /ImagePull|ErrImage|InvalidImageName|ImageInspect|CrashLoopBackOff|CreateContainer/

/** A culprit, and whether waiting would not help. */
export type KnownCulprit = Culprit & { readonly certain?: boolean }

/** The object, field and line that keep a release from being healthy; undefined when nothing is known against it. */
export async function culpritOf(
  context: ServerContext,
  state: RepositoryState,
  { app, environment }: Journey,
  stuck: Stage,
): Promise<KnownCulprit | undefined> {
  const { client, flux } = context
  if (client === undefined) return undefined
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(lookMs)])
  const { release, kustomization } = objectsFor(flux, state.place.systemNamespace, app, environment)
  const apps = await readAppsNow(context)
  const application = appNamed(apps, app)
  if (release !== undefined && isOfNow(release) && (stuck.name === 'applied' || stuck.name === 'healthy')) {
    const found = await podCulprit(context, release, app, application, environment, signal)
    if (found) return { environment, ...found, ...(await placeIn(state, application, environment, found)) }
  }
  if (stuck.state !== 'failed') return undefined
  const object = stuck.name === 'rendered' ? kustomization : (release ?? kustomization)
  if (object === undefined) return undefined
  const { steps, culprit, next } = await explain(client, object, signal)
  const last = steps.at(-1)
  const found = {
    object: formatRef(culprit ?? last?.ref ?? refOf(object)),
    message: redact(last?.says ?? stuck.detail ?? 'it failed').slice(0, 4000),
    ...(culprit?.field === undefined ? {} : { field: culprit.field }),
    ...(culprit?.value === undefined ? {} : { value: redact(culprit.value).slice(0, 1000) }),
    ...(next === undefined ? {} : { next }),
    steps: steps.map(({ ref, says }) => ({ object: formatRef(ref), says: redact(says).slice(0, 2000) })),
  }
  return { environment, ...found, ...(await placeIn(state, application, environment, found)) }
}

/** Whether the engine is at what the release says now: before that, Pods are those of an earlier try. */
function isOfNow(release: KubeObject): boolean {
  const attempted = at(release, 'status', 'lastAttemptedGeneration')
  return typeof attempted !== 'number' || attempted >= (release.metadata.generation ?? 0)
}

type Found = Omit<KnownCulprit, 'environment' | 'file' | 'line'>

/** A Pod of the release that cannot run. */
async function podCulprit(
  { client }: ServerContext,
  release: KubeObject,
  app: string,
  application: Application,
  environment: string,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const namespace = application.deployments.find(one => one.environment === environment)?.namespace
  if (client === undefined || namespace === undefined || namespace === '') return undefined
  for (const kind of workloads) {
    const { items } = await client.list(kind, { namespace, signal }).catch(() => ({ items: [] as KubeObject[] }))
    for (const item of items) {
      if (item.metadata.annotations?.['meta.helm.sh/release-name'] !== app) continue
      const object = { ...item, apiVersion: `${kind.group}/${kind.version}`, kind: kind.kind }
      const trouble = await workloadTrouble(client, object, signal)
      if (!trouble) continue
      const { pod, says, reason, message, field, value } = trouble
      const about = redact(`${reason}${message ? `: ${message}` : ''}`).slice(0, 2000)
      return {
        object: formatRef(refOf(object)),
        message: `Pod ${pod} ${says} (${about})`,
        ...(field === undefined ? {} : { field }),
        ...(value === undefined ? {} : { value: redact(value).slice(0, 1000) }),
        next: 'Change the value in Git, or roll back.',
        certain: lasting.test(reason),
        steps: [
          { object: formatRef(refOf(release)), says: `released ${formatRef(refOf(object))}, which is not healthy` },
          { object: formatRef(refOf(object)), says: `is not healthy, because Pod ${pod} ${says} (${about})` },
        ],
      }
    }
  }
  return undefined
}

/** Where the value that is to blame stands in Git: the override before the base. */
async function placeIn(
  { tree, place }: RepositoryState,
  application: Application,
  environment: string,
  { value }: Found,
): Promise<Pick<Culprit, 'file' | 'line'>> {
  const own = deploymentPaths(place, application.name, environment).release
  const base = applicationPaths(application.name).baseRelease
  const override = application.deployments.find(one => one.environment === environment)?.override ?? {}
  for (const [file, values] of [
    [own, override],
    [base, application.values],
  ] as const) {
    const path = value === undefined ? undefined : leafWithin(values, value)
    if (path === undefined) continue
    const text = (await tree.read(file))?.toString('utf8') ?? ''
    const document = readDocuments({ path: file, text }).documents[0]
    const { line } = document === undefined ? { line: undefined } : placeOf(document, `spec.values.${path.join('.')}`)
    return { file, ...(line === undefined ? {} : { line }) }
  }
  return {}
}

/** The value of which a text is made: the longest one that is part of it, as a tag is of an image. */
function leafWithin(values: unknown, text: string): readonly string[] | undefined {
  let best: { readonly path: readonly string[]; readonly length: number } | undefined
  const walk = (here: unknown, path: readonly string[]): void => {
    if (isObject(here)) for (const [key, value] of Object.entries(here)) walk(value, [...path, key])
    else if (typeof here === 'string' && here.length > 2 && text.includes(here)) {
      // The end of an image is its tag: what changes from release to release.
      const length = here.length + (text.endsWith(here) ? 1000 : 0)
      if (length > (best?.length ?? 0) && path.every(key => !key.includes('.'))) best = { path, length }
    }
  }
  walk(values, [])
  return best?.path
}
