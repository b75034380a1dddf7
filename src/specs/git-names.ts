/**
 * Why Git would refuse a branch of this name, or undefined when it accepts it.
 * The rules are those of `git check-ref-format --branch`.
 */
export function branchNameProblem(name: string): string | undefined {
  if (name === '') return 'it is empty'
  if (name.startsWith('-')) return "it starts with '-'"
  if (name === 'HEAD') return "'HEAD' is not a branch"
  if (name === '@') return "it is a single '@'"
  if (name.startsWith('/') || name.endsWith('/') || name.includes('//')) return 'it has an empty part between slashes'
  if (name.endsWith('.')) return "it ends with '.'"
  if (name.includes('..')) return "it has '..' in it"
  if (name.includes('@{')) return "it has '@{' in it"
  const bad = /[\u0000-\u0020\u007f~^:?*[\\]/.exec(name)
  if (bad !== null) return `it has ${bad[0] === ' ' ? 'a space' : JSON.stringify(bad[0])} in it`
  for (const part of name.split('/')) {
    if (part.startsWith('.')) return `a part of it starts with '.': '${part}'`
    if (part.endsWith('.lock')) return `a part of it ends with '.lock': '${part}'`
  }
  return undefined
}

/** Why GitHub would refuse a repository of this name, or undefined. */
export function repositoryNameProblem(name: string): string | undefined {
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) return "it can contain only letters, digits, '_', '-' and '.'"
  if (name === '.' || name === '..') return "'.' and '..' are not names"
  if (name.length > 100) return `it has ${name.length} characters; GitHub takes at most 100`
  if (/\.(git|wiki)$/i.test(name)) return "it ends with '.git' or '.wiki', which GitHub keeps for itself"
  return undefined
}

/** Why GitHub can have no user or organization of this name, or undefined. Underscores are for managed users. */
export function ownerNameProblem(name: string): string | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(name)) return "it can contain only letters, digits, '-' and '_'"
  if (name.startsWith('-')) return "it starts with '-'"
  if (name.length > 39) return `it has ${name.length} characters; GitHub takes at most 39`
  return undefined
}

/** Why no Git host can have an owner of this name, or undefined: GitHub's rule, or a path of groups as GitLab has them. */
export function ownerPathProblem(path: string): string | undefined {
  if (!path.includes('/')) return ownerNameProblem(path)
  const parts = path.split('/')
  if (parts.length > 20) return `it has ${parts.length} parts; GitLab takes at most 20`
  const bad = parts.find(part => !/^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,253}[A-Za-z0-9_])?$/.test(part))
  return bad === undefined ? undefined : `a part of it is no name of a group: '${bad}'`
}

const credentials = 'it holds credentials; give them in the environment instead'

/** What a repository address is, or why it is none. */
export type RepositoryUrl =
  | { readonly form: 'ssh' | 'https' | 'http' | 'scp'; readonly host: string }
  | { readonly problem: string }

/**
 * Reads the address of a repository: `ssh://`, `https://`, the short form of SSH (`git@host:path`), and `http://` on
 * this machine only. Credentials in an address are refused; a user name in an SSH address is not a credential.
 */
export function readRepositoryUrl(text: string): RepositoryUrl {
  if (/[\s\u0000-\u001f]/.test(text)) return { problem: 'it has a space or control character in it' }
  const short = /^(?:[A-Za-z0-9._-]+@)?([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):(?!\/\/)(.+)$/.exec(text)
  if (short !== null && !/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { form: 'scp', host: short[1]! }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined) return { problem: 'it is neither an ssh:// nor an https:// address' }
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/@]*:[^/@]*@/i.test(text)) return { problem: credentials }
  if (scheme === 'ssh' && /^ssh:\/\/[^/]+:(?!\d+(?:\/|$))[^/]+/i.test(text)) {
    return { problem: `it mixes ssh:// with the short form; write ${shortToSsh(text)}` }
  }
  if (scheme !== 'ssh' && scheme !== 'https' && scheme !== 'http') {
    return { problem: `invalid repository url scheme: ${scheme}; use ssh or https` }
  }
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return { problem: 'unable to parse repository url' }
  }
  if (url.hostname === '') return { problem: 'it names no host' }
  if (url.pathname === '' || url.pathname === '/') return { problem: 'it names no repository on the host' }
  if (url.password !== '' || (scheme !== 'ssh' && url.username !== '')) {
    return { problem: credentials }
  }
  if (url.search !== '' || url.hash !== '') return { problem: "it has '?' or '#' in it" }
  if (scheme === 'http' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)) {
    return { problem: 'http sends credentials in clear text; use https' }
  }
  return { form: scheme, host: url.host }
}

function shortToSsh(text: string): string {
  return text.replace(/^(ssh:\/\/[^/:]+):/i, '$1/')
}

/** Why a path cannot be a folder of a repository, or undefined. `.` and '' mean the root. */
export function repositoryPathProblem(path: string): string | undefined {
  if (path.startsWith('/')) return 'it starts with a slash; paths are relative to the root of the repository'
  if (path.includes('\\')) return 'it has a backslash in it; separate folders with /'
  if (/[\u0000-\u001f\u007f]/.test(path)) return 'it has a control character in it'
  const parts = path.split('/')
  if (parts.includes('..')) return "it has '..' in it"
  if (parts.some(part => part.toLowerCase() === '.git')) return "it leads into '.git'"
  return undefined
}

/** A path without `./`, doubled slashes and a slash at the end; '' for the root. */
export function normalizeRepositoryPath(path: string): string {
  return path
    .split('/')
    .filter(part => part !== '' && part !== '.')
    .join('/')
}
