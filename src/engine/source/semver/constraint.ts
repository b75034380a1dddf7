import { comparePrereleases, compareVersions, parseVersion, type Version } from './version.ts'

/** A range of versions in the language of Masterminds/semver 3.4, e.g. `>=1.0.0 <2.0.0 || ~3.1`. */
export interface VersionRange {
  includes(version: Version): boolean
}

interface Constraint {
  readonly operator: string
  readonly version: Version
  /** Parts that are missing or `x`: all of them, those from the minor one on, or the patch. */
  readonly open: 'no' | 'all' | 'minor' | 'patch'
}

const part = '[0-9xX*]+'
const identifiers = String.raw`[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*`
const version = String.raw`v?${part}(?:\.${part})?(?:\.${part})?(?:-${identifiers})?(?:\+${identifiers})?`
const operators = '!=|>=|=>|<=|=<|~>|=|>|<|~|\\^|'
const hyphen = new RegExp(String.raw`\s*(${version})\s+-\s+(${version})\s*`, 'g')
const one = new RegExp(String.raw`^\s*(${operators})\s*(${version})\s*(,?)\s*`)
const parts = new RegExp(
  String.raw`^v?(${part})(?:\.(${part}))?(?:\.(${part}))?((?:-${identifiers})?)(?:\+${identifiers})?$`,
)
const longest = 1000

/** Reads a range; a text instead of a range is the complaint of the library: `improper constraint: …`. */
export function parseRange(text: string): VersionRange | string {
  if (text.length > longest) return `improper constraint: longer than ${longest} characters`
  const groups: Constraint[][] = []
  for (const segment of text.replace(hyphen, ' >=$1 <=$2 ').split('||')) {
    const group = parseGroup(segment)
    if (group === undefined) return `improper constraint: ${segment}`
    groups.push(group)
  }
  return { includes: (candidate: Version) => groups.some(group => groupIncludes(group, candidate)) }
}

/** Constraints that all must hold, separated by spaces or commas. */
function parseGroup(segment: string): Constraint[] | undefined {
  const group: Constraint[] = []
  let rest = segment
  let comma = false
  while (rest.trim() !== '') {
    const found = one.exec(rest)
    if (found === null) return undefined
    const constraint = parseConstraint(found[1]!, found[2]!)
    if (constraint === undefined) return undefined
    group.push(constraint)
    const next = rest.slice(found[0].length)
    // Without a separator it is one text, not two constraints: `1.2.3>4`.
    if (next !== '' && found[3] === '' && !/\s$/.test(found[0])) return undefined
    comma = found[3] !== ''
    rest = next
  }
  return group.length === 0 || comma ? undefined : group
}

function parseConstraint(operator: string, text: string): Constraint | undefined {
  const [, major = '', minor, patch, pre = ''] = parts.exec(text) ?? []
  const isOpen = (value: string | undefined) => value === undefined || /[xX*]/.test(value)
  const wild = (value: string | undefined) => value === undefined || /^[xX*]$/.test(value)
  let [full, open]: [string, Constraint['open']] = [`${major}.${minor}.${patch}${pre}`, 'no']
  if (wild(major)) [full, open] = [`0.0.0${pre}`, 'all']
  else if (wild(minor)) [full, open] = [`${major}.0.0${pre}`, 'minor']
  else if (wild(patch)) [full, open] = [`${major}.${minor}.0${pre}`, 'patch']
  const parsed = isOpen(major) && open !== 'all' ? undefined : parseVersion(full)
  return parsed === undefined ? undefined : { operator, version: parsed, open }
}

/** Prereleases are only looked at by a group in which some constraint names one. */
function groupIncludes(group: readonly Constraint[], candidate: Version): boolean {
  if (candidate.prerelease !== '' && group.every(({ version }) => version.prerelease === '')) {
    // `!=` of a whole version is the one operator that does not ask.
    if (!group.every(({ operator, open }) => operator === '!=' && open === 'no')) return false
  }
  return group.every(constraint => holds(constraint, candidate))
}

function holds(constraint: Constraint, candidate: Version): boolean {
  const { operator, version: bound, open } = constraint
  const order = compareVersions(candidate, bound)
  switch (operator) {
    case '':
    case '=':
      return open === 'no' ? order === 0 : tilde(constraint, candidate)
    case '!=':
      return open === 'no' ? order !== 0 : notEqual(constraint, candidate)
    case '>':
      if (open === 'no' || open === 'all') return order > 0
      if (candidate.major !== bound.major) return candidate.major > bound.major
      return open === 'patch' && candidate.minor > bound.minor
    case '<':
      return order < 0
    case '>=':
    case '=>':
      return order >= 0
    case '<=':
    case '=<':
      if (open === 'no') return order <= 0
      if (candidate.major > bound.major) return false
      return !(candidate.major === bound.major && candidate.minor > bound.minor && open !== 'minor')
    case '^':
      return order >= 0 && caret(constraint, candidate)
    default:
      return tilde(constraint, candidate)
  }
}

function tilde({ version: bound, open }: Constraint, candidate: Version): boolean {
  if (compareVersions(candidate, bound) < 0) return false
  const zero = bound.major === 0n && bound.minor === 0n && bound.patch === 0n
  // `~0.0.0` is any version from there on, like `*`.
  if (zero && (open === 'no' || open === 'all')) return true
  return candidate.major === bound.major && (candidate.minor === bound.minor || open === 'minor')
}

function caret({ version: bound, open }: Constraint, candidate: Version): boolean {
  if (open === 'all') return candidate.major === 0n ? caretBelowOne(bound, open, candidate) : false
  if (bound.major > 0n || open === 'minor') return candidate.major === bound.major
  return candidate.major === 0n && caretBelowOne(bound, open, candidate)
}

function caretBelowOne(bound: Version, open: Constraint['open'], candidate: Version): boolean {
  if (bound.minor > 0n || open === 'patch') return candidate.minor === bound.minor
  return candidate.minor === 0n && candidate.patch === bound.patch
}

function notEqual({ version: bound, open }: Constraint, candidate: Version): boolean {
  if (candidate.major !== bound.major) return true
  if (open === 'minor') return false
  if (candidate.minor !== bound.minor) return true
  if (open === 'patch') return comparePrereleases(candidate.prerelease, bound.prerelease) !== 0
  return candidate.patch !== bound.patch || compareVersions(candidate, bound) !== 0
}
