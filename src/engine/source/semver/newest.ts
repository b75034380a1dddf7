import { parseRange } from './constraint.ts'
import { compareVersions, parseStrictVersion, type Version } from './version.ts'

/**
 * The name with the highest version in a range; a problem instead when the range is none, or nothing is in it. Names that
 * are no versions are passed over. Among equal versions (they differ in build metadata) the last name in order wins.
 */
export function newestInRange(
  names: readonly string[],
  range: string,
  parse: (name: string) => Version | undefined = parseStrictVersion,
): { readonly name: string } | { readonly problem: string } {
  const parsed = parseRange(range)
  if (typeof parsed === 'string') return { problem: `semver '${range}' parse error: ${parsed}` }
  let best: Version | undefined
  for (const name of names) {
    const version = parse(name)
    if (version === undefined || !parsed.includes(version)) continue
    const order = best === undefined ? 1 : compareVersions(version, best)
    if (order > 0 || (order === 0 && version.original > best!.original)) best = version
  }
  return best === undefined ? { problem: `no match found for semver: ${range}` } : { name: best.original }
}
