import { createHash } from 'node:crypto'
import { parseDuration } from '../../base/duration.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import { StepFailure } from '../failure.ts'

export type Spec = HelmRelease['spec']
export type ActionName = 'install' | 'upgrade' | 'rollback' | 'uninstall' | 'test'

/** Revisions that helm's storage and an unsuccessful history keep, unless the spec says otherwise. */
export const defaultMaxHistory = 5

/** The name of the release: what helm calls it, at most 53 characters (Flux: release.ShortenName). */
export function releaseNameOf(object: HelmRelease): string {
  const { releaseName, targetNamespace } = object.spec
  const name = releaseName || (targetNamespace ? `${targetNamespace}-${object.metadata.name}` : object.metadata.name)
  return shorten(name ?? '')
}

function shorten(name: string): string {
  if (name.length <= 53) return name
  return `${name.slice(0, 40)}-${createHash('sha256').update(name).digest('hex').slice(0, 12)}`
}

/** Where the objects of the release are. */
export function releaseNamespaceOf(object: HelmRelease): string {
  return object.spec.targetNamespace || object.metadata.namespace || ''
}

/** Where helm's storage is. */
export function storageNamespaceOf(object: HelmRelease): string {
  return object.spec.storageNamespace || object.metadata.namespace || ''
}

/** How long one action may take, in milliseconds. */
export function timeoutOf(object: HelmRelease, action?: ActionName): number {
  const own = action === undefined ? undefined : object.spec[action]?.timeout
  return durationOf(object, action === undefined ? 'timeout' : `${action}.timeout`, own || object.spec.timeout, 300_000)
}

export function intervalOf(object: HelmRelease): number {
  return Math.max(1000, durationOf(object, 'interval', object.spec.interval, 600_000))
}

function durationOf(_object: HelmRelease, field: string, text: string | undefined, absent: number): number {
  if (text === undefined || text === '') return absent
  const ms = parseDuration(text)
  if (ms !== undefined) return ms
  throw new StepFailure(
    'InvalidInterval',
    `spec.${field} is not a duration: expected one such as 10m or 1h30m, seen ${JSON.stringify(text)}`,
    { stalled: true },
  )
}

/** What follows a failure of the last action that made a release. */
export interface Remediation {
  readonly action: 'install' | 'upgrade'
  /** Below 0: without end. */
  readonly retries: number
  readonly ignoreTestFailures: boolean
  readonly remediateLastFailure: boolean
  readonly strategy: 'rollback' | 'uninstall'
}

export function remediationOf(spec: Spec, action: 'install' | 'upgrade'): Remediation {
  const own = spec[action]?.remediation
  const retries = own?.retries ?? 0
  return {
    action,
    retries,
    ignoreTestFailures: own?.ignoreTestFailures ?? spec.test?.ignoreFailures ?? false,
    remediateLastFailure: own?.remediateLastFailure ?? (action === 'upgrade' && retries > 0),
    strategy:
      action === 'install' ? 'uninstall' : ((own as { strategy?: 'rollback' | 'uninstall' })?.strategy ?? 'rollback'),
  }
}

/** The remediation that is active: that of the last action; undefined before the first one. */
export function activeRemediation(object: HelmRelease): Remediation | undefined {
  const action = object.status?.lastAttemptedReleaseAction
  return action === 'install' || action === 'upgrade' ? remediationOf(object.spec, action) : undefined
}

/** How soon a failed action is tried again with the strategy RetryOnFailure; undefined with remediation. */
export function retryIntervalOf(object: HelmRelease, action: 'install' | 'upgrade' | undefined): number | undefined {
  const strategy = action === undefined ? undefined : object.spec[action]?.strategy
  if (strategy?.name !== 'RetryOnFailure') return undefined
  return Math.max(1000, durationOf(object, `${action}.strategy.retryInterval`, strategy.retryInterval, 300_000))
}

export function failuresOf(object: HelmRelease, action: 'install' | 'upgrade'): number {
  const { installFailures = 0, upgradeFailures = 0 } = object.status ?? {}
  return action === 'install' ? installFailures : upgradeFailures
}

export function retriesExhausted(object: HelmRelease, remediation: Remediation): boolean {
  return remediation.retries >= 0 && failuresOf(object, remediation.action) > remediation.retries
}
