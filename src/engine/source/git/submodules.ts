import type { GitRemote, Mirror } from '../../../git/index.ts'
import { checkRepositoryUrl } from '../../../git/index.ts'
import { filesOf } from '../archive/pack.ts'
import { type ArchiveFile, defaultLimits } from '../archive/tar-read.ts'
import type { Snapshots } from '../snapshots.ts'

/** Submodules in one source, and how deep they nest. */
const most = 100
const deepest = 10

/** A submodule as `.gitmodules` names it. */
export interface Submodule {
  readonly path: string
  readonly url: string
}

interface Walk {
  readonly snapshots: Snapshots
  readonly bounds: { readonly signal: AbortSignal; readonly timeoutMs: number }
  /** The remote of the source itself: its credentials go to its own origin only. */
  readonly root: GitRemote
  count: number
  bytes: number
}

/** The files of all submodules of a commit, with their paths in the source. */
export async function submoduleFiles(
  snapshots: Snapshots,
  root: GitRemote,
  mirror: Mirror,
  commit: string,
  bounds: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<ArchiveFile[]> {
  return below({ snapshots, bounds, root, count: 0, bytes: 0 }, mirror, commit, root.url, '', 0)
}

async function below(
  walk: Walk,
  mirror: Mirror,
  commit: string,
  url: string,
  prefix: string,
  depth: number,
): Promise<ArchiveFile[]> {
  const text = (await mirror.tree(commit).read('.gitmodules'))?.toString('utf8')
  if (text === undefined) return []
  if (depth >= deepest) throw new Error(`submodules are nested more than ${deepest} deep`)
  const files: ArchiveFile[] = []
  for (const module of parseGitmodules(text)) {
    const entry = await mirror.entryAt(commit, module.path)
    // git passes over entries that name nothing in the commit.
    if (entry?.mode !== '160000') continue
    if (++walk.count > most) throw new Error(`more than ${most} submodules`)
    const address = submoduleUrl(url, module.url)
    const remote = remoteFor(walk.root, address)
    const inner = await walk.snapshots.mirror(address)
    const fetched = await inner.fetch(remote, entry.id, walk.bounds)
    if (fetched.commit !== entry.id) throw new Error(`submodule '${module.path}': the server gave another commit`)
    const at = `${prefix}${module.path}/`
    for (const file of await filesOf(inner.tree(entry.id))) {
      walk.bytes += file.bytes.length
      if (walk.bytes > defaultLimits.maxBytes)
        throw new Error(`submodules have more than ${defaultLimits.maxBytes} bytes`)
      files.push({ path: at + file.path, bytes: file.bytes })
    }
    files.push(...(await below(walk, inner, entry.id, address, at, depth + 1)))
  }
  return files
}

/** Credentials, certificates and proxy of the source, for its own origin; another host gets none of the credentials. */
export function remoteFor(root: GitRemote, url: string): GitRemote {
  const same = checkRepositoryUrl(root.url).origin === checkRepositoryUrl(url).origin
  const { auth: _auth, client: _client, ...open } = root
  return same ? { ...root, url } : { ...open, url }
}

/** The address of a submodule: one that begins with `./` or `../` is relative to that of the repository (git-submodule(1)). */
export function submoduleUrl(parent: string, url: string): string {
  if (!url.startsWith('./') && !url.startsWith('../')) return checkRepositoryUrl(url).href
  const base = checkRepositoryUrl(parent)
  const parts = base.path.replace(/\/+$/, '').split('/')
  for (const step of url.split('/')) {
    if (step === '..') {
      if (parts.length <= 1) throw new Error(`the address '${url}' of a submodule leaves its host`)
      parts.pop()
    } else if (step !== '.' && step !== '') parts.push(step)
  }
  return checkRepositoryUrl(base.href.slice(0, base.href.length - base.path.length) + parts.join('/')).href
}

/** The submodules in a `.gitmodules` file; entries whose path leaves the repository are refused. */
export function parseGitmodules(text: string): Submodule[] {
  const found: { path?: string; url?: string }[] = []
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (/^\[submodule /.test(line)) found.push({})
    const [, key, value] = /^(path|url)\s*=\s*"?(.*?)"?$/.exec(line) ?? []
    const last = found.at(-1)
    if (last === undefined || key === undefined) continue
    if (key === 'path') last.path = value!
    else last.url = value!
  }
  return found
    .filter((one): one is { path: string; url: string } => one.path !== undefined && one.url !== undefined)
    .map(({ path, url }) => {
      const parts = path.replace(/\/+$/, '').split('/')
      if (parts.some(part => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git')) {
        throw new Error(`the path '${path}' of a submodule is not allowed`)
      }
      return { path: parts.join('/'), url }
    })
}
