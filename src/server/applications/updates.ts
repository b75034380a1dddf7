import { LRUCache } from 'lru-cache'
import {
  type ChartChoice,
  effectiveValues,
  type ImageInValues,
  imagesIn,
  newerTags,
  requireApplication,
  templatesInGit,
} from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { compareVersions, imageTags, parseVersion } from '../../engine/index.ts'
import { chartNamed, wordsOf } from '../charts/chart-index.ts'
import { chartRepositoryNamed } from '../charts/chart-repositories.ts'
import type { ServerContext } from '../context.ts'
import type { Updates } from '../contract/updates.ts'
import { appState, type RepositoryState } from '../repository/index.ts'
import { chartContent, shippedTemplates } from './chart-content.ts'

const lookMs = 15_000
const keptMs = 60_000
const tagsOf = new LRUCache<string, Promise<readonly string[]>>({ max: 200, ttl: keptMs })

/** What of an application in an environment has newer versions. @throws E_NOT_FOUND */
export async function updatesOf(context: ServerContext, app: string, environment: string): Promise<Updates> {
  const state = appState(await context.repository.read(), app)
  const { deployments } = await requireApplication(state.tree, app)
  const deployment = deployments.find(one => one.environment === environment)
  if (deployment === undefined) throw new SluiceError('E_NOT_FOUND', { object: `application ${app} in ${environment}` })
  const content = await chartContent(context, state.tree, deployment.chart).catch(() => undefined)
  const images = imagesIn(effectiveValues(content?.values ?? {}, deployment.values))
  const [chart, ...found] = await Promise.all([
    newerCharts(context, state, deployment.chart),
    ...images.map(image => newerImages(context, image)),
  ])
  return { chart, images: found }
}

async function newerCharts(
  context: ServerContext,
  state: RepositoryState,
  current: ChartChoice,
): Promise<Updates['chart']> {
  const now = parseVersion(current.version)
  try {
    const versions = (await versionsOf(context, state, current)).flatMap(({ version, appVersion }) => {
      const parsed = parseVersion(version)
      if (parsed === undefined || (now !== undefined && compareVersions(parsed, now) <= 0)) return []
      return [{ parsed, version, prerelease: parsed.prerelease !== '', ...(appVersion && { appVersion }) }]
    })
    versions.sort((a, b) => compareVersions(b.parsed, a.parsed))
    return { current, versions: versions.slice(0, 50).map(({ parsed: _, ...one }) => one) }
  } catch (error) {
    context.signal.throwIfAborted()
    return { current, versions: [], problem: error instanceof SluiceError ? error.message : wordsOf(error) }
  }
}

async function versionsOf(
  context: ServerContext,
  state: RepositoryState,
  { kind, name, ...rest }: ChartChoice,
): Promise<readonly { readonly version: string; readonly appVersion?: string | undefined }[]> {
  if (kind === 'Chart') {
    const repository = await chartRepositoryNamed(context, state, 'repository' in rest ? rest.repository : '')
    return (await chartNamed(context, repository, name, true)).versions
  }
  const shipped = (await shippedTemplates()).filter(one => one.name === name).map(one => one.version)
  const inGit = (await templatesInGit(state.tree)).get(name) ?? []
  return [...new Set([...shipped, ...inGit])].map(version => ({ version }))
}

async function newerImages(
  { signal, local }: ServerContext,
  { path, name, host, repository, tag, digest }: ImageInValues,
): Promise<Updates['images'][number]> {
  const image = { path: [...path], name, tag, digest }
  try {
    let asked = tagsOf.get(name)
    if (asked === undefined) {
      const end = AbortSignal.any([signal, AbortSignal.timeout(lookMs)])
      asked = imageTags({ host, repository, local, signal: end })
      tagsOf.set(name, asked)
      asked.catch(() => tagsOf.delete(name))
    }
    const { tags, ordered } = newerTags(tag, await asked)
    return { ...image, tags: [...tags], ordered }
  } catch (error) {
    signal.throwIfAborted()
    const words = wordsOf(error)
    const why = /status 40[13]/.test(words) ? `${words}: it wants a login, and images are asked for without one` : words
    return { ...image, tags: [], ordered: true, problem: why }
  }
}
