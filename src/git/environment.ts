import { devNull } from 'node:os'

/** What the environment of one git process is made of. */
export interface EnvironmentParts {
  /** The repository the process works on (GIT_DIR); none when absent. */
  readonly gitDir?: string
  /** Configuration in command scope, in order; a key may come several times. Values may hold credentials. */
  readonly config?: readonly (readonly [key: string, value: string])[]
  /** Further variables. */
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Settings that every git process of ours gets, whatever the machine's configuration says:
 * no hooks, no helpers, no prompts, no redirects, no transport but the named ones, objects checked on the way in.
 */
const always: readonly (readonly [string, string])[] = [
  ['core.hooksPath', devNull],
  ['core.fsmonitor', 'false'],
  ['core.symlinks', 'false'],
  ['credential.helper', ''],
  ['protocol.allow', 'never'],
  ['http.followRedirects', 'false'],
  // Nothing for a minute is a dead connection.
  ['http.lowSpeedLimit', '1'],
  ['http.lowSpeedTime', '60'],
  ['transfer.fsckObjects', 'true'],
  // Old, harmless and common in the history of real repositories; GitHub lets them pass too.
  ['fetch.fsck.zeroPaddedFilemode', 'ignore'],
  ['fetch.fsck.badTimezone', 'ignore'],
  ['fetch.fsck.missingSpaceBeforeDate', 'ignore'],
  ['fetch.fsck.missingEmail', 'ignore'],
  ['fetch.recurseSubmodules', 'false'],
  ['submodule.recurse', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['advice.pushUpdateRejected', 'false'],
  ['advice.fetchShowForcedUpdates', 'false'],
]

/**
 * The whole environment of a git process, made from nothing: no variable of ours reaches git but PATH, which finds
 * the programs git and ssh. Configuration goes in as GIT_CONFIG_COUNT/KEY/VALUE (git 2.31), so that a credential is
 * never an argument, never a URL and never a file.
 */
export function gitEnvironment(parts: EnvironmentParts): Record<string, string> {
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C',
    TZ: 'UTC',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_DEFAULT_HASH: 'sha1',
    GIT_DEFAULT_REF_FORMAT: 'files',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    ...parts.env,
  }
  const config: (readonly [string, string])[] = [...always]
  if (parts.gitDir !== undefined) {
    env['GIT_DIR'] = parts.gitDir
    config.push(['safe.directory', parts.gitDir])
  }
  config.push(...(parts.config ?? []))
  env['GIT_CONFIG_COUNT'] = String(config.length)
  config.forEach(([key, value], i) => {
    env[`GIT_CONFIG_KEY_${i}`] = key
    env[`GIT_CONFIG_VALUE_${i}`] = value
  })
  return env
}
