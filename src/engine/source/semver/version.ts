/**
 * Versions as Masterminds/semver reads them (the library of Helm and Flux): a leading `v` and missing parts are fine,
 * numbers go up to 64 bits.
 */
export interface Version {
  /** The text as it was written, e.g. a tag's name. */
  readonly original: string
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
  /** `rc.1` of `1.0.0-rc.1`; '' when there is none. */
  readonly prerelease: string
  /** `build5` of `1.0.0+build5`; '' when there is none. It never counts in a comparison. */
  readonly metadata: string
}

const identifiers = String.raw`[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*`
const loose = new RegExp(String.raw`^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-(${identifiers}))?(?:\+(${identifiers}))?$`)
const strict = new RegExp(
  String.raw`^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-(${identifiers}))?(?:\+(${identifiers}))?$`,
)
const largest = (1n << 64n) - 1n

/** Reads a version leniently (semver.NewVersion); undefined when it is none. */
export function parseVersion(text: string): Version | undefined {
  return read(loose, text)
}

/** Reads a version of three parts, a leading `v` allowed: what Flux takes for a version among tags. */
export function parseStrictVersion(text: string): Version | undefined {
  return read(strict, text)
}

function read(pattern: RegExp, text: string): Version | undefined {
  const found = text.length > 256 ? null : pattern.exec(text)
  if (found === null) return undefined
  const [, major = '0', minor = '0', patch = '0', prerelease = '', metadata = ''] = found
  const numbers = [BigInt(major), BigInt(minor), BigInt(patch)] as const
  if (numbers.some(number => number > largest)) return undefined
  if (prerelease.split('.').some(part => /^0\d+$/.test(part))) return undefined
  return { original: text, major: numbers[0], minor: numbers[1], patch: numbers[2], prerelease, metadata }
}

/** The version in its full form, without a leading `v`. */
export function formatVersion(version: Omit<Version, 'original'>): string {
  const { major, minor, patch, prerelease, metadata } = version
  return `${major}.${minor}.${patch}${prerelease && `-${prerelease}`}${metadata && `+${metadata}`}`
}

/** Below zero when `a` comes first. */
export function compareVersions(a: Omit<Version, 'original'>, b: Omit<Version, 'original'>): number {
  for (const part of ['major', 'minor', 'patch'] as const) {
    if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1
  }
  return comparePrereleases(a.prerelease, b.prerelease)
}

/** A version without a prerelease comes after all of its prereleases. */
export function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0
  if (a === '') return 1
  if (b === '') return -1
  const [left, right] = [a.split('.'), b.split('.')]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = comparePart(left[i], right[i])
    if (order !== 0) return order
  }
  return 0
}

/** Numbers come before words; a part that is missing comes first. */
function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0
  if (a === undefined) return -1
  if (b === undefined) return 1
  const [numericA, numericB] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (numericA && numericB) return BigInt(a) < BigInt(b) ? -1 : 1
  if (numericA !== numericB) return numericA ? -1 : 1
  return a < b ? -1 : 1
}
