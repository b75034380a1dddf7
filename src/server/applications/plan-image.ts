import { type Application, at, changeRelease, type Values } from '../../apps/index.ts'
import { isObject } from '../../base/json.ts'
import type { Draft } from './draft.ts'
import type { Change } from './scopes-of.ts'

/** Writes another image of a release. Gives the words of the commit. */
export async function changeImage(
  draft: Draft,
  change: Extract<Change, { kind: 'image' }>,
  before: Application,
): Promise<string> {
  const { app, environment, path = ['image'], repository, tag, digest } = change
  const deployment = before.deployments.find(one => one.environment === environment)
  const now = environment === undefined ? before.values : (deployment?.override ?? {})
  const set = {
    repository,
    tag,
    digest: digest ?? (tag === undefined ? undefined : clearedDigest(before, deployment?.values, path)),
  }
  const wanted: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(set)) if (value !== undefined) wanted[key] = value
  const values = merged(now, path, wanted)
  draft.add(
    await changeRelease(draft.tree(), draft.place, {
      app,
      ...(environment === undefined ? {} : { environment }),
      values,
    }),
  )
  const to = digest ?? tag ?? repository ?? ''
  return `Change image of ${environment === undefined ? app : `${app} in ${environment}`} to ${to.slice(0, 100)}`
}

/** A digest wins over a tag: another tag takes an old digest away. */
function clearedDigest(
  application: Application,
  effective: Values | undefined,
  path: readonly string[],
): string | undefined {
  const digest = at(effective ?? application.values, ...path, 'digest')
  return typeof digest === 'string' && digest !== '' ? '' : undefined
}

function merged(values: Values, [key, ...rest]: readonly string[], wanted: Readonly<Record<string, unknown>>): Values {
  if (key === undefined) return { ...values, ...wanted }
  const inner = isObject(values[key]) ? (values[key] as Values) : {}
  return { ...values, [key]: merged(inner, rest, wanted) }
}
