import { createHash } from 'node:crypto'
import ignore, { type Ignore } from 'ignore'
import type { FileTree } from '../../base/file-tree.ts'

/** Files of version control that are always left out (fluxcd/pkg sourceignore, VCSPatterns). */
const versionControl = ['.git/', '.gitignore', '.gitmodules', '.gitattributes']

/** What Flux leaves out when neither `spec.ignore` nor a `.sourceignore` says anything. */
const defaults = [
  ...['jpg', 'jpeg', 'gif', 'png', 'wmv', 'flv', 'tar.gz', 'zip'].map(extension => `*.${extension}`),
  '.github/',
  '.circleci/',
  '.travis.yml',
  '.gitlab-ci.yml',
  'appveyor.yml',
  '.drone.yml',
  'cloudbuild.yaml',
  'codeship-services.yml',
  'codeship-steps.yml',
  '**/.goreleaser.yml',
  '**/.sops.yaml',
  '**/.flux.yaml',
]

const ignoreFile = '.sourceignore'

interface Rule {
  /** The folder that the rule belongs to; '' for the root. */
  readonly scope: string
  readonly excludes: boolean
  readonly pattern: string
}

/** Neighbouring rules of one folder that say the same: it does not matter which of them matches. */
interface RuleGroup {
  readonly scope: string
  readonly excludes: boolean
  readonly matcher: Ignore
}

/** Which paths of a source belong to its artifact. */
export class Exclusions {
  readonly #groups: readonly RuleGroup[]
  /** Equal for exclusions that leave out the same. */
  readonly digest: string
  /** Whether a rule can bring back what lies below an excluded folder. */
  readonly reincludes: boolean

  private constructor(rules: readonly Rule[]) {
    this.#groups = groupsOf(rules)
    const texts = rules.map(({ scope, excludes, pattern }) => [scope, excludes, pattern])
    this.digest = createHash('sha1').update(JSON.stringify(texts)).digest('hex')
    this.reincludes = rules.some(rule => !rule.excludes)
  }

  /**
   * The exclusions of a tree: version control's files, then every `.sourceignore` (for its own folder), then `spec.ignore`;
   * later rules win. Without any of the last two, Flux's default list. With `none` only the last two count.
   */
  static async load(
    tree: FileTree,
    specIgnore: string | undefined,
    files: IgnoreFiles,
    builtIn: 'defaults' | 'none' = 'defaults',
  ): Promise<Exclusions> {
    const own: Rule[] = []
    for (const path of await files.find(tree)) {
      const text = (await tree.read(path))?.toString('utf8') ?? ''
      own.push(...rulesOf(text.split('\n'), path.slice(0, Math.max(0, path.length - ignoreFile.length - 1))))
    }
    if (specIgnore !== undefined) own.push(...rulesOf(specIgnore.split('\n'), ''))
    if (builtIn === 'none') return new Exclusions(own)
    const chosen = own.length === 0 && specIgnore === undefined ? rulesOf(defaults, '') : own
    return new Exclusions([...rulesOf(versionControl, ''), ...chosen])
  }

  /** Whether a path is left out. Each rule also covers what lies below a folder that it matches; the last match decides. */
  excludes(path: string, isFolder: boolean): boolean {
    for (let at = this.#groups.length - 1; at >= 0; at--) {
      const { scope, matcher, excludes } = this.#groups[at]!
      if (scope !== '' && !path.startsWith(`${scope}/`)) continue
      const inside = scope === '' ? path : path.slice(scope.length + 1)
      if (matcher.ignores(isFolder ? `${inside}/` : inside)) return excludes
    }
    return false
  }
}

function groupsOf(rules: readonly Rule[]): RuleGroup[] {
  const groups: RuleGroup[] = []
  for (const { scope, excludes, pattern } of rules) {
    const last = groups.at(-1)
    // A pattern that begins with `!` takes back what another one of its matcher matched: it stays alone.
    if (last?.scope === scope && last.excludes === excludes && !pattern.startsWith('!')) last.matcher.add(pattern)
    else groups.push({ scope, excludes, matcher: ignore().add(pattern) })
  }
  return groups
}

function rulesOf(lines: readonly string[], scope: string): Rule[] {
  const rules: Rule[] = []
  for (const raw of lines) {
    const line = raw.replace(/\r$/, '')
    if (line.trim() === '' || line.startsWith('#')) continue
    const negated = line.startsWith('!')
    const pattern = negated ? line.slice(1) : line
    rules.push({ scope, excludes: !negated, pattern })
  }
  return rules
}

/** Folders of one folder that are read at once: git is asked for them together. */
const together = 64

/** Finds `.sourceignore` files. Folders are remembered by their digest, so that a new commit costs only its changes. */
export class IgnoreFiles {
  readonly #known = new Map<string, readonly string[]>()
  /** Folders remembered before all are forgotten; a folder without ignore files costs some 100 bytes. */
  static readonly #most = 200_000

  /** Paths of the ignore files of a tree, those of outer folders first. */
  async find(tree: FileTree): Promise<string[]> {
    if (this.#known.size > IgnoreFiles.#most) this.#known.clear()
    const found = await this.#below(tree, '', undefined, 0)
    return found.map(path => path.slice(1)).sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1))
  }

  /** Paths below a folder, relative to it, each with a leading slash. */
  async #below(tree: FileTree, folder: string, digest: string | undefined, level: number): Promise<readonly string[]> {
    const known = digest === undefined ? undefined : this.#known.get(digest)
    if (known !== undefined) return known
    const found: string[] = []
    const entries = level > 200 ? [] : await tree.list(folder)
    if (entries.some(({ kind, name }) => kind === 'file' && name === ignoreFile)) found.push(`/${ignoreFile}`)
    const folders = entries.filter(({ kind }) => kind === 'folder')
    for (let at = 0; at < folders.length; at += together) {
      const part = folders.slice(at, at + together)
      const below = await Promise.all(part.map(entry => this.#below(tree, entry.path, entry.digest, level + 1)))
      for (const [index, paths] of below.entries()) {
        for (const path of paths) found.push(`/${part[index]!.name}${path}`)
      }
    }
    if (digest !== undefined) this.#known.set(digest, found)
    return found
  }
}

function depth(path: string): number {
  return path.split('/').length
}
