import type { Condition } from '../../kube/object.ts'

/** Condition types that Flux's kinds share (fluxcd/pkg apis/meta). */
export type ConditionType =
  | 'Ready'
  | 'Reconciling'
  | 'Stalled'
  | 'Healthy'
  | 'ArtifactInStorage'
  | 'ArtifactOutdated'
  | 'FetchFailed'
  | 'StorageOperationFailed'
  | 'Released'
  | 'TestSuccess'
  | 'Remediated'
  | 'Drifted'
  | 'SourceVerified'
  | 'BuildFailed'
  | 'IncludeUnavailable'

/** Longest message kept: the limit of kustomize-controller; the API allows 32 768. */
const longestMessage = 20_000

/** The conditions of one object while its status is worked out. Order: as first set, `Ready` first of all by Flux's habit. */
export class Conditions {
  readonly #byType = new Map<string, Condition>()
  readonly #now: () => string
  readonly #generation: number

  /** `now` gives the time of transitions; `generation` becomes each changed condition's observedGeneration. */
  constructor(conditions: readonly Condition[] | undefined, generation: number, now: () => Date) {
    for (const condition of conditions ?? []) this.#byType.set(condition.type, condition)
    this.#generation = generation
    this.#now = () => `${now().toISOString().slice(0, 19)}Z`
  }

  /** Sets a condition; its transition time moves only when its status changes. */
  set(type: ConditionType, status: 'True' | 'False' | 'Unknown', reason: string, message: string): void {
    const before = this.#byType.get(type)
    this.#byType.set(type, {
      type,
      status,
      reason,
      message: clip(message),
      lastTransitionTime:
        before !== undefined && before.status === status && before.lastTransitionTime !== undefined
          ? before.lastTransitionTime
          : this.#now(),
      observedGeneration: this.#generation,
    })
  }

  remove(...types: ConditionType[]): void {
    for (const type of types) this.#byType.delete(type)
  }

  get(type: ConditionType): Condition | undefined {
    return this.#byType.get(type)
  }

  isTrue(type: ConditionType): boolean {
    return this.#byType.get(type)?.status === 'True'
  }

  /** The list for `status.conditions`: Reconciling and Stalled lead, as kstatus readers expect, then the rest. */
  list(): Condition[] {
    const rank = (type: string) => ['Reconciling', 'Stalled', 'Ready'].indexOf(type)
    const order = (type: string) => (rank(type) < 0 ? 9 : rank(type))
    return [...this.#byType.values()].sort((a, b) => order(a.type) - order(b.type))
  }
}

/** A message that fits, cut at its end. */
export function clip(message: string, limit = longestMessage): string {
  return message.length <= limit ? message : `${message.slice(0, limit - 1)}…`
}
