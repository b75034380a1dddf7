interface Rule {
  readonly pattern: string
  readonly negated: boolean
  /** Only folders. */
  readonly folders: boolean
  /** Matched against the whole path, not its last part. */
  readonly wholePath: boolean
}

/** What of a chart's folder is left out: `.helmignore` as Helm reads it, which is not how git would. */
export class HelmIgnore {
  readonly #rules: readonly Rule[]

  /** @throws Error for `**`, which Helm refuses */
  constructor(text: string) {
    this.#rules = [...text.split('\n'), 'templates/.?*'].map(parseRule).filter(rule => rule !== undefined)
  }

  /** Whether a file is left out: by itself, or with a folder above it. */
  ignores(path: string): boolean {
    const parts = path.split('/')
    for (let i = 1; i < parts.length; i++) if (this.#matches(parts.slice(0, i).join('/'), true)) return true
    return this.#matches(path, false)
  }

  /** The first rule that says so leaves out; a negated one leaves out all that it does not match. */
  #matches(path: string, isFolder: boolean): boolean {
    const name = path.slice(path.lastIndexOf('/') + 1)
    for (const { pattern, negated, folders, wholePath } of this.#rules) {
      const fits = globMatches(pattern, wholePath ? path : name)
      if (negated && ((folders && !isFolder) || !fits)) return true
      if (!negated && fits && (isFolder || !folders)) return true
    }
    return false
  }
}

function parseRule(line: string): Rule | undefined {
  let pattern = line.trim()
  if (pattern === '' || pattern.startsWith('#')) return undefined
  if (pattern.includes('**')) throw new Error('double-star (**) syntax is not supported')
  const negated = pattern.startsWith('!')
  if (negated) pattern = pattern.slice(1)
  const folders = pattern.endsWith('/')
  if (folders) pattern = pattern.slice(0, -1)
  const rooted = pattern.startsWith('/')
  if (rooted) pattern = pattern.slice(1)
  return { pattern, negated, folders, wholePath: rooted || pattern.includes('/') }
}

/** Go's filepath.Match: `*` and `?` stop at a slash. Linear in both texts but for one step back to the last star. */
export function globMatches(pattern: string, text: string): boolean {
  let [p, t] = [0, 0]
  let star: { p: number; t: number } | undefined
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = { p: ++p, t }
      continue
    }
    const step = p < pattern.length ? stepAt(pattern, p, text[t]!) : 0
    if (step > 0) {
      p += step
      t++
    } else if (star !== undefined && text[star.t] !== '/') {
      star = { p: star.p, t: star.t + 1 }
      p = star.p
      t = star.t
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

/** How many characters of the pattern match one character; 0 when they do not. */
function stepAt(pattern: string, at: number, char: string): number {
  const head = pattern[at]!
  if (head === '?') return char === '/' ? 0 : 1
  if (head === '\\' && at + 1 < pattern.length) return pattern[at + 1] === char ? 2 : 0
  if (head !== '[') return head === char ? 1 : 0
  const end = pattern.indexOf(']', at + 2)
  if (end < 0 || char === '/') return 0
  let set = pattern.slice(at + 1, end)
  const inverted = set.startsWith('^')
  if (inverted) set = set.slice(1)
  let found = false
  for (let i = 0; i < set.length; i++) {
    if (set[i + 1] === '-' && i + 2 < set.length) {
      if (set[i]! <= char && char <= set[i + 2]!) found = true
      i += 2
    } else if (set[i] === char) found = true
  }
  return found === inverted ? 0 : end + 1 - at
}
