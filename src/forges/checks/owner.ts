import { SluiceError } from '../../base/errors/index.ts'
import type { CheckFinding } from '../checklist.ts'
import type { ForgeOwner } from '../types.ts'
import type { CheckState } from './state.ts'

/** Looks whether the owner of the repository is there, is what the spec says, and is open to the account. */
export async function checkOwner(state: CheckState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  const { forge, target, identity } = state
  const { group } = forge.words
  const { login } = identity!
  if (target.personal && login !== '' && target.owner.toLowerCase() !== login.toLowerCase()) {
    throw new SluiceError('E_FORGE_OWNER_MISMATCH', {
      object: `owner ${target.owner}`,
      expected: `${login}, the account of the token, because personal is true`,
      seen: target.owner,
      next: `Set owner to ${login}, or set personal: false when ${target.owner} is ${article(group)}.`,
    })
  }
  const found = await forge.owner(target.owner, signal)
  if (!found) {
    throw new SluiceError('E_FORGE_OWNER_NOT_FOUND', {
      object: `owner ${target.owner}`,
      seen: `nobody of this name on ${forge.host}`,
      next: `Check the owner in the spec: it is the part of the address before the last slash. If it is right, the token may not see this ${group}.`,
    })
  }
  checkKind(state, found)
  state.owner = found
  return membership(state, found)
}

function checkKind({ forge, target }: CheckState, found: ForgeOwner): void {
  const { group } = forge.words
  if (target.personal && found.kind === 'organization') {
    throw new SluiceError('E_FORGE_OWNER_MISMATCH', {
      object: `owner ${target.owner}`,
      expected: 'a user, because personal is true',
      seen: article(group),
      next: 'Set personal: false.',
    })
  }
  if (target.personal || found.kind !== 'user') return
  throw new SluiceError('E_FORGE_OWNER_MISMATCH', {
    object: `owner ${target.owner}`,
    expected: `${article(group)}, because personal is false`,
    seen: 'a user',
    next:
      found.role === 'admin'
        ? 'Set personal: true.'
        : `Use the name of ${article(group)}, or the token of this user with personal: true.`,
  })
}

function membership({ forge, identity }: CheckState, found: ForgeOwner): CheckFinding {
  const { group, invitationPage, membershipRight } = forge.words
  const login = identity!.login === '' ? 'the account' : identity!.login
  if (found.kind === 'user') return `${found.name} is the account of the token`
  if (found.role === 'pending') {
    throw new SluiceError('E_FORGE_NOT_A_MEMBER', {
      object: `${group} ${found.name}`,
      expected: `${login} to be a member`,
      seen: 'an invitation that is not accepted',
      next: `Accept the invitation at ${invitationPage(found.name)}, then run the command again.`,
    })
  }
  if (found.role === undefined) {
    return {
      warn: `${found.name} is ${article(group)}; the token may not read whether ${login} is a member`,
      fix: membershipRight,
    }
  }
  if (found.role === 'none') {
    return {
      warn: `${login} is not a member of ${found.name}`,
      fix: `This works only for a ${forge.words.repository} that the account was invited to.`,
    }
  }
  const role = found.roleTitle ?? (found.role === 'admin' ? 'an owner' : 'a member')
  return `${login} is ${role} of the ${group} ${found.name}`
}

/** `an organization`, `a group`. */
export function article(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`
}
