import { SluiceError } from '../base/errors/index.ts'

/** Characters that HFS+ leaves out when it compares names: `.g\u200cit` is `.git` there (CVE-2014-9390). */
const ignoredByHfs = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g

/** Fails with E_GIT_PATH_INVALID when a path cannot be a file of a repository on every system that may check it out. */
export function checkTreePath(path: string): void {
  const problem = pathProblem(path)
  if (problem !== undefined) {
    const seen = JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path)
    throw new SluiceError('E_GIT_PATH_INVALID', { object: seen, expected: problem })
  }
}

function pathProblem(path: string): string | undefined {
  if (path === '') return 'a path'
  if (/\p{Surrogate}/u.test(path) || /[\x00-\x1f\x7f\\]/.test(path)) return 'no control characters and no backslashes'
  if (Buffer.byteLength(path) > 4096) return 'at most 4096 bytes'
  for (const part of path.split('/')) {
    if (part === '') return 'no empty part: no leading, trailing or double `/`'
    if (part === '.' || part === '..') return 'no `.` and no `..`'
    if (Buffer.byteLength(part) > 255) return 'at most 255 bytes in each part'
    if (isGitFolder(part)) return 'no .git folder'
  }
  return undefined
}

/** `.git` in any spelling that some file system takes for it. */
function isGitFolder(part: string): boolean {
  const plain = part
    .replace(ignoredByHfs, '')
    .toLowerCase()
    .replace(/:.*$/, '')
    .replace(/[ .]+$/, '')
  return plain === '.git' || plain === 'git~1'
}
