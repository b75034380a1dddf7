import { formatDuration } from '../../../base/duration.ts'
import type { HelmRelease } from '../../../specs/flux/helm-release.ts'
import { type ActionName, defaultMaxHistory, timeoutOf } from '../settings.ts'

/** The arguments of helm for `spec.install`. CRDs are the engine's own work. */
export function installArguments(object: HelmRelease, release: string, chart: string): string[] {
  const install = object.spec.install ?? {}
  const server = install.serverSideApply !== false
  return [
    'install',
    release,
    chart,
    ...['--values', '-', '--skip-crds'],
    ...common(object, 'install'),
    ...flag('--disable-openapi-validation', install.disableOpenAPIValidation),
    ...flag('--skip-schema-validation', install.disableSchemaValidation),
    ...flag('--replace', install.replace),
    ...flag('--create-namespace', install.createNamespace && !!object.spec.targetNamespace),
    ...flag('--take-ownership', !install.disableTakeOwnership),
    `--server-side=${server}`,
    ...flag('--force-conflicts', server),
  ]
}

/** The arguments for `spec.upgrade`. `before` is how the last release was applied: that is what `auto` means. */
export function upgradeArguments(object: HelmRelease, release: string, chart: string, before: ApplyMethod): string[] {
  const upgrade = object.spec.upgrade ?? {}
  const server = isServerSide(upgrade.serverSideApply, before)
  return [
    'upgrade',
    release,
    chart,
    ...['--values', '-', '--skip-crds'],
    ...common(object, 'upgrade'),
    upgrade.preserveValues ? '--reuse-values' : '--reset-values',
    ...historyMax(object),
    ...flag('--disable-openapi-validation', upgrade.disableOpenAPIValidation),
    ...flag('--skip-schema-validation', upgrade.disableSchemaValidation),
    ...flag('--cleanup-on-fail', upgrade.cleanupOnFail),
    ...flag('--take-ownership', !upgrade.disableTakeOwnership),
    ...applying(server, upgrade.force),
  ]
}

/** The arguments for `spec.rollback` to a revision, which `before` tells about. */
export function rollbackArguments(
  object: HelmRelease,
  release: string,
  version: number,
  before: ApplyMethod,
): string[] {
  const rollback = object.spec.rollback ?? {}
  return [
    'rollback',
    release,
    String(version),
    ...common(object, 'rollback'),
    ...historyMax(object),
    ...flag('--cleanup-on-fail', rollback.cleanupOnFail),
    ...applying(isServerSide(rollback.serverSideApply, before), rollback.force),
  ]
}

/** The arguments for `spec.uninstall`. */
export function uninstallArguments(object: HelmRelease, release: string): string[] {
  const uninstall = object.spec.uninstall ?? {}
  return [
    'uninstall',
    release,
    ...common(object, 'uninstall'),
    ...flag('--keep-history', uninstall.keepHistory),
    `--cascade=${uninstall.deletionPropagation ?? 'background'}`,
  ]
}

/** The arguments for `spec.test`. */
export function testArguments(object: HelmRelease, release: string): string[] {
  const filters = (object.spec.test?.filters ?? []).map(({ name, exclude }) => `${exclude ? '!' : ''}name=${name}`)
  return ['test', release, timeout(object, 'test'), ...filters.flatMap(filter => ['--filter', filter])]
}

/** How a release was applied, as helm stores it. */
export type ApplyMethod = 'ssa' | 'csa'

export function isServerSide(mode: string | undefined, before: ApplyMethod): boolean {
  return mode === 'enabled' || (mode !== 'disabled' && before === 'ssa')
}

/** The server merges and always takes what others own; replacing is for merges on this side alone. */
function applying(server: boolean, force: boolean | undefined): string[] {
  return server
    ? ['--server-side=true', '--force-conflicts']
    : ['--server-side=false', ...flag('--force-replace', force)]
}

function common(object: HelmRelease, action: Exclude<ActionName, 'test'>): string[] {
  const options: { disableHooks?: boolean; disableWait?: boolean; disableWaitForJobs?: boolean } =
    object.spec[action] ?? {}
  const waits = options.disableWait !== true
  const strategy = object.spec.waitStrategy?.name === 'legacy' ? 'legacy' : 'watcher'
  return [
    timeout(object, action),
    `--wait=${waits ? strategy : 'hookOnly'}`,
    ...flag('--wait-for-jobs', waits && action !== 'uninstall' && options.disableWaitForJobs !== true),
    ...flag('--no-hooks', options.disableHooks),
  ]
}

function historyMax(object: HelmRelease): string[] {
  return ['--history-max', String(object.spec.maxHistory ?? defaultMaxHistory)]
}

function timeout(object: HelmRelease, action: ActionName): string {
  return `--timeout=${formatDuration(timeoutOf(object, action))}`
}

function flag(name: string, on: boolean | undefined): string[] {
  return on ? [name] : []
}
