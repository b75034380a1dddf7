import type { Guardrail } from './read-guardrails.ts'

/** The size of a group: its count, or the bounds of one that the autoscaler sizes. */
export type Size = number | Bounds

/** Bounds of the autoscaler. */
export interface Bounds {
  readonly min: number
  readonly max: number
  /** The count that stands beside them, where it matters. */
  readonly count?: number
}

/** A size that is about to change. */
export interface SizeChange {
  readonly group: string
  readonly from: Size
  readonly to: Size
}

/** A limit that is about a change. */
export interface AppliedGuardrail {
  /** Where it stands: `sluice.yaml:12`. */
  readonly place: string
  readonly group: string
  /** The limit in words. */
  readonly rule: string
  /** How the change breaks it; undefined when it keeps it. */
  readonly broken?: string
  /** Whether it wants a pull or merge request. */
  readonly twoPerson?: boolean
  /** ISO 8601: when a freeze that holds now is over. */
  readonly until?: string
}

/** `3`, or `2..6`. */
export function formatSize(size: Size): string {
  return typeof size === 'number' ? String(size) : `${size.min}..${size.max}`
}

/** Every limit that is about changes of one cluster's sizes, kept or broken; groups that stay as they are have none. Pure. */
export function checkChange(
  guardrails: readonly Guardrail[],
  cluster: string,
  changes: readonly SizeChange[],
  now: Date,
): AppliedGuardrail[] {
  const found: AppliedGuardrail[] = []
  for (const change of changes) {
    const { group } = change
    if (formatSize(change.from) === formatSize(change.to)) continue
    for (const rail of guardrails) {
      if (!matchesAny(rail.clusters, cluster) || !matchesAny(rail.groups, group)) continue
      found.push(...limits(rail, change), ...frozen(rail, group, now))
      if (rail.twoPerson) found.push(twoPersons(rail, group))
    }
  }
  return found
}

/** Every limit that holds for a group now, whatever is to change: `broken` only where nothing may. Pure. */
export function limitsOf(
  guardrails: readonly Guardrail[],
  cluster: string,
  group: string,
  now: Date,
): AppliedGuardrail[] {
  return guardrails
    .filter(rail => matchesAny(rail.clusters, cluster) && matchesAny(rail.groups, group))
    .flatMap(rail => [
      ...limits(rail, { group, from: 0, to: 0 }).map(({ broken: _, ...rule }) => rule),
      ...frozen(rail, group, now),
      ...(rail.twoPerson ? [twoPersons(rail, group)] : []),
    ])
}

function twoPersons(rail: Guardrail, group: string): AppliedGuardrail {
  return {
    place: rail.placeOf('twoPerson'),
    group,
    rule: 'changes come by a pull or merge request',
    twoPerson: true,
  }
}

function limits(rail: Guardrail, { group, from, to }: SizeChange): AppliedGuardrail[] {
  const [oldLow, oldHigh] = ends(from)
  const [low, high] = ends(to)
  const found: AppliedGuardrail[] = []
  const add = (field: string, rule: string, broken: string | undefined): void => {
    found.push({ place: rail.placeOf(field), group, rule, ...(broken === undefined ? {} : { broken }) })
  }
  const { largestStep, floor, ceiling } = rail
  if (largestStep !== undefined) {
    const step = Math.max(Math.abs(low - oldLow), Math.abs(high - oldHigh))
    const rule = `at most ${largestStep} nodes in one commit`
    add('largestStep', rule, step > largestStep ? `${formatSize(from)} to ${formatSize(to)} is ${step}` : undefined)
  }
  // A step that leads back towards the limit is allowed, or a group outside of it could never return in small steps.
  if (floor !== undefined) add('floor', `never below ${floor}`, low < floor && low < oldLow ? `${low}` : undefined)
  if (ceiling !== undefined)
    add('ceiling', `never above ${ceiling}`, high > ceiling && high > oldHigh ? `${high}` : undefined)
  return found
}

function frozen(rail: Guardrail, group: string, now: Date): AppliedGuardrail[] {
  return rail.freezes.flatMap(window => {
    const end = window.endAt(now)
    if (!end) return []
    const rule = `frozen${window.reason === undefined ? '' : ` (${window.reason})`}`
    const until = end.toISOString()
    return [{ place: window.place, group, rule, broken: `the freeze lasts until ${until}`, until }]
  })
}

function ends(size: Size): readonly [low: number, high: number] {
  return typeof size === 'number' ? [size, size] : [size.min, size.max]
}

function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some(pattern => matches(pattern, name))
}

/** Patterns of `*` and `?` in linear steps: no expression is built of what a file says. */
export function matches(pattern: string, name: string): boolean {
  let p = 0
  let n = 0
  let star = -1
  let mark = 0
  while (n < name.length) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p++
      mark = n
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p++
      n++
    } else if (star >= 0) {
      p = star + 1
      n = ++mark
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}
