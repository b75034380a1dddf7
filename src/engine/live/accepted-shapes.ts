import { createHash } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { KubeObject } from '../../kube/object.ts'

/** How long an acceptance counts: policies and schemas of a cluster change. */
const keptMs = 60_000
/** Shapes kept at most. */
const most = 2000
/** Names that can stand for one another: a server has no reason to take one and refuse the other. */
const plainName = /^[a-z](?:[a-z0-9-]{0,50}[a-z0-9])?$/

/** What an object is but for its own name. */
export interface Shape {
  readonly digest: string
  readonly nameLength: number
}

/**
 * What a cluster has accepted lately. An object that differs from an accepted one in nothing but its own name, for the
 * same identity and in the same namespace, would be accepted as well: fleets are made from templates, and of a thousand
 * equal applications one dry run tells about all. Fields that hold a name are part of it: `app-2.example.com` of `app-2`.
 */
export class AcceptedShapes {
  readonly #clock: Clock
  readonly #shapes = new Map<string, { readonly until: number; readonly nameLength: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The shape of an object that `identity` applies; undefined when its name is not plain enough to be replaced. */
  shapeOf(object: KubeObject, identity: string): Shape | undefined {
    const { name = '' } = object.metadata
    if (!plainName.test(name) || claimsMore(object)) return undefined
    // Where it is and of what kind is no matter of its name, whatever that is: quotas, policies and rights hang on it.
    const place = JSON.stringify([identity, object.apiVersion, object.kind, object.metadata.namespace ?? ''])
    const text = JSON.stringify(object).replaceAll(name, '\u0000')
    const digest = createHash('sha1').update(`${place}\n${text}`).digest('base64')
    return { digest, nameLength: name.length }
  }

  /** Whether the cluster has accepted an object of this shape, with a name that was no shorter. */
  has(shape: Shape): boolean {
    const found = this.#shapes.get(shape.digest)
    return found !== undefined && found.nameLength >= shape.nameLength && found.until > this.#clock.monotonic()
  }

  /** The cluster has accepted one. */
  add(shape: Shape): void {
    const now = this.#clock.monotonic()
    const before = this.#shapes.get(shape.digest)
    const longest = before !== undefined && before.until > now ? before.nameLength : 0
    this.#shapes.delete(shape.digest)
    if (this.#shapes.size >= most) this.#shapes.delete(this.#shapes.keys().next().value ?? '')
    this.#shapes.set(shape.digest, { until: now + keptMs, nameLength: Math.max(shape.nameLength, longest) })
  }

  /** The cluster has refused one: nothing is known about the others any more. */
  revoke(shape: Shape): void {
    this.#shapes.delete(shape.digest)
  }
}

/** Objects that claim something of which there is only one: the first gets it, and its equal is refused. */
function claimsMore(object: KubeObject): boolean {
  if (object.kind === 'PersistentVolume' || object.kind === 'PersistentVolumeClaim') return true
  if (object.kind !== 'Service') return false
  return /"(?:nodePort|clusterIP|clusterIPs|loadBalancerIP|healthCheckNodePort)":/.test(JSON.stringify(object))
}
