import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { isObject, jsonEqual } from '../base/json.ts'
import type { FileChange } from '../git/index.ts'
import { changeRelease } from './change-release.ts'
import type { AppsPlace } from './paths.ts'
import { requireApplication } from './read-applications.ts'
import type { Deployment, Values } from './types.ts'
import { overrideFor, type ValueChange, valueChanges } from './values.ts'

export interface Promotion {
  readonly app: string
  readonly from: string
  readonly to: string
  /**
   * What of the values goes along, by path; `image` when absent: what is run, and not how much of it.
   * An empty list takes the chart's version alone.
   */
  readonly paths?: readonly (readonly string[])[]
  /** Whether the chart's version goes along; true when absent. */
  readonly chart?: boolean
}

/** What a promotion would change in the environment that it goes to. */
export interface PromotionPlan {
  readonly files: readonly FileChange[]
  readonly values: readonly ValueChange[]
  readonly chart: { readonly before: Deployment['chart']; readonly after: Deployment['chart'] } | undefined
}

/** Brings what runs in one environment to the next, as a change of the next one's override. @throws E_APP_NOT_FOUND */
export async function promote(tree: FileTree, place: AppsPlace, promotion: Promotion): Promise<PromotionPlan> {
  const application = await requireApplication(tree, promotion.app)
  const find = (name: string) => {
    const found = application.deployments.find(one => one.environment === name)
    if (found) return found
    throw new SluiceError('E_APP_NOT_FOUND', { object: `application ${promotion.app} in ${name}` })
  }
  const [from, to] = [find(promotion.from), find(promotion.to)]
  let wanted = to.values
  for (const path of promotion.paths ?? [['image']]) wanted = copied(from.values, wanted, path)
  const movesChart = promotion.chart !== false && !jsonEqual(from.chart, to.chart)
  const chart = movesChart ? (jsonEqual(from.chart, application.chart) ? null : from.chart) : undefined
  const files = await changeRelease(tree, place, {
    app: promotion.app,
    environment: promotion.to,
    ...(jsonEqual(wanted, to.values) ? {} : { values: mergedOverride(application.values, to.override, wanted) }),
    ...(chart === undefined ? {} : { chart }),
  })
  return {
    files,
    values: valueChanges(to.values, wanted),
    chart: movesChart ? { before: to.chart, after: from.chart } : undefined,
  }
}

/** The smallest override for what is wanted, with pins of the old one (values like the base's) where they still hold. */
function mergedOverride(base: Values, before: Values, wanted: Values): Values {
  const needed = overrideFor(base, wanted)
  return keepPins(before, needed, wanted) as Values
}

function keepPins(before: unknown, needed: unknown, wanted: unknown): unknown {
  if (!isObject(before) || !isObject(wanted)) return needed
  const out: Record<string, unknown> = isObject(needed) ? { ...needed } : {}
  for (const key of Object.keys(before)) {
    if (isObject(before[key]) && isObject(wanted[key])) {
      const inner = keepPins(before[key], out[key], wanted[key])
      if (isObject(inner) && Object.keys(inner).length > 0) out[key] = inner
    } else if (!(key in out) && before[key] !== null && jsonEqual(before[key], wanted[key])) out[key] = before[key]
  }
  return out
}

/** `to` with the value at a path as `from` has it. */
function copied(from: unknown, to: Values, path: readonly string[]): Values {
  const [key, ...rest] = path
  if (key === undefined || !isObject(from)) return to
  const out: Values = { ...to }
  if (rest.length > 0) {
    if (!isObject(from[key])) return to
    out[key] = copied(from[key], isObject(to[key]) ? (to[key] as Values) : {}, rest)
  } else if (from[key] === undefined) delete out[key]
  else out[key] = from[key]
  return out
}
