import { SluiceError } from '../base/errors/index.ts'

/** A space, a control character, or one of the characters that have a meaning in revisions and refspecs. */
const forbidden = /[\x00-\x20\x7f~^:?*[\\]/

/**
 * Whether a text is a full ref name by the rules of git-check-ref-format(1), such as `refs/heads/main`, beside
 * git's own rules never starting with `-`, so that it cannot be read as an option.
 */
export function isRefName(name: string): boolean {
  if (name.length === 0 || Buffer.byteLength(name) > 1024 || name.startsWith('-') || /\p{Surrogate}/u.test(name))
    return false
  if (forbidden.test(name) || name.includes('..') || name.includes('@{')) return false
  if (name.endsWith('.') || name === '@' || !name.includes('/')) return false
  return name.split('/').every(part => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'))
}

/** Whether a text can be the short name of a branch: `main`, `clusters/prod` (the rules of `check-ref-format --branch`). */
export function isBranchName(name: string): boolean {
  return name !== 'HEAD' && !name.startsWith('-') && isRefName(`refs/heads/${name}`)
}

/** Fails with E_GIT_REF_INVALID when a text is not a full ref name. `what` names the field for the message. */
export function checkRefName(name: string, what = 'ref'): void {
  if (!isRefName(name)) {
    throw new SluiceError('E_GIT_REF_INVALID', {
      object: what,
      expected: 'a full name such as refs/heads/main',
      seen: shown(name),
    })
  }
}

/** Fails with E_GIT_REF_INVALID when a text is not the short name of a branch. */
export function checkBranchName(name: string, what = 'branch'): void {
  if (!isBranchName(name)) {
    throw new SluiceError('E_GIT_REF_INVALID', { object: what, expected: 'a name such as main', seen: shown(name) })
  }
}

/** Whether a text is a whole SHA-1 object id. */
export function isObjectId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text)
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
