import type { Clock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import { Semaphore } from '../../base/semaphore.ts'
import { formatApiVersion, type GroupVersionKind } from '../identity.ts'
import { abortable } from './abort.ts'
import {
  type DiscoveryResult,
  readAggregated,
  readCoreVersions,
  readGroupList,
  readResourceList,
} from './discovery-documents.ts'
import { isForbidden, isNotFound, isUnavailable } from './status.ts'
import type { ApiResource, CallOptions } from './types.ts'

/** GETs a path with an Accept header and gives the parsed JSON. */
export type GetDocument = (path: string, accept: string, options: CallOptions) => Promise<unknown>

const aggregated = ['v2', 'v2beta1']
  .map(version => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',')

/** How soon a kind that was not there is looked for again. */
const missAgeMs = 2_000

/** Which kinds a server has, asked once and kept; unknown kinds are asked for again every two seconds at most. */
export class Discovery {
  readonly #get: GetDocument
  readonly #clock: Clock
  readonly #server: string
  #known: Known | undefined
  #running: Promise<Known> | undefined

  constructor(get: GetDocument, clock: Clock, server: string) {
    this.#get = get
    this.#clock = clock
    this.#server = server
  }

  invalidate(): void {
    this.#known = undefined
    this.#running = undefined
  }

  async resources(options: CallOptions): Promise<readonly ApiResource[]> {
    return (this.#known ?? (await this.#fetch(options))).resources
  }

  /**
   * The resource of a kind; undefined when the server does not have it.
   *
   * @throws SluiceError E_KUBE_DISCOVERY when the group of the kind cannot be read now: the kind may well exist.
   */
  resourceFor(kind: GroupVersionKind, options: CallOptions): ApiResource | Promise<ApiResource | undefined> {
    return this.#known?.byKind.get(keyOf(kind)) ?? this.#lookUp(kind, options)
  }

  async #lookUp(kind: GroupVersionKind, options: CallOptions): Promise<ApiResource | undefined> {
    let known = this.#known
    if (!known || this.#clock.monotonic() - known.at >= missAgeMs) known = await this.#fetch(options)
    const found = known.byKind.get(keyOf(kind))
    const apiVersion = formatApiVersion(kind)
    if (!found && known.failed.has(apiVersion)) {
      throw new SluiceError('E_KUBE_DISCOVERY', {
        object: `${apiVersion} ${kind.kind}`,
        seen: `${this.#server} has the group, but its resources cannot be read`,
        next: `Look at \`kubectl get apiservice ${kind.version}.${kind.group}\`: the server behind it does not answer.`,
      })
    }
    return found
  }

  async #fetch(options: CallOptions): Promise<Known> {
    // One question at a time, whoever asks. It is not tied to the signal of one asker.
    this.#running ??= this.#ask(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs })
    const running = this.#running
    try {
      const known = await abortable(running, options.signal)
      if (this.#running === running) this.#known = known
      return known
    } finally {
      if (this.#running === running) this.#running = undefined
    }
  }

  async #ask(options: CallOptions): Promise<Known> {
    const [core, groups] = await Promise.all([
      this.#get('/api', aggregated, options),
      this.#get('/apis', aggregated, options),
    ])
    const results = await Promise.all([this.#read(core, options), this.#read(groups, options)])
    const resources = results.flatMap(result => result.resources)
    const byKind = new Map<string, ApiResource>()
    for (const resource of resources) {
      const key = keyOf(resource)
      if (!byKind.has(key)) byKind.set(key, resource)
    }
    const failed = new Set(results.flatMap(result => [...result.failed]))
    return { resources, failed, byKind, at: this.#clock.monotonic() }
  }

  /** One of the two root documents: complete in the aggregated form, a table of contents in the old one. */
  async #read(document: unknown, options: CallOptions): Promise<DiscoveryResult> {
    if (isObject(document) && document['kind'] === 'APIGroupDiscoveryList') return readAggregated(document)
    const core = readCoreVersions(document)
    const versions = core.length > 0 ? core : readGroupList(document)
    const failed = new Set<string>()
    const slots = new Semaphore(8)
    const lists = await Promise.all(
      versions.map(version =>
        slots.run(async () => {
          try {
            const path = version.includes('/') ? `/apis/${version}` : `/api/${version}`
            return readResourceList(await this.#get(path, 'application/json', options), version)
          } catch (error) {
            if (!isUnavailable(error) && !isNotFound(error) && !isForbidden(error)) throw error
            failed.add(version)
            return []
          }
        }),
      ),
    )
    return { resources: lists.flat(), failed }
  }
}

interface Known extends DiscoveryResult {
  readonly byKind: ReadonlyMap<string, ApiResource>
  /** Monotonic time of the answer. */
  readonly at: number
}

function keyOf(gvk: GroupVersionKind): string {
  return `${gvk.group}/${gvk.version}/${gvk.kind}`
}
