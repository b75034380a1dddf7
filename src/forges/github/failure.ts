import { SluiceError } from '../../base/errors/index.ts'
import type { Doing } from '../failure.ts'
import { messageOf } from '../message.ts'
import type { TransportAnswer } from '../transport.ts'

/** A refusal of GitHub as an error that says what to do. */
export function gitHubFailure(answer: TransportAnswer, doing: Doing): SluiceError {
  const said = messageOf(answer.body)
  const { object } = doing
  const details = { status: answer.status, hostSaid: said }
  const seen = said === '' ? `status ${answer.status}` : said
  if (answer.status === 401) return new SluiceError('E_TOKEN_REFUSED', { object, seen, details })
  if (answer.status === 301 || answer.status === 302 || answer.status === 307 || answer.status === 308) {
    return new SluiceError('E_FORGE_REPOSITORY_MOVED', {
      object,
      seen: `a redirect (status ${answer.status})`,
      details,
    })
  }
  if (answer.status === 403) return forbidden(answer, doing, seen, details)
  if (answer.status === 404) return new SluiceError('E_FORGE_REPOSITORY_NOT_FOUND', { object, seen, details })
  if (answer.status === 422 || answer.status === 400 || answer.status === 409) {
    return new SluiceError('E_FORGE_INVALID_REQUEST', { object, seen, details })
  }
  return new SluiceError('E_FORGE_NOT_A_FORGE', { object, expected: 'an answer of GitHub', seen, details })
}

function forbidden(
  answer: TransportAnswer,
  { object, act }: Doing,
  seen: string,
  details: Record<string, unknown>,
): SluiceError {
  const sso = ssoLink(answer)
  if (sso !== undefined) {
    const next =
      sso === '' ? undefined : `Open ${sso} within the hour and authorize the token, then run the command again.`
    return new SluiceError('E_TOKEN_SSO', { object, seen, details, ...(next !== undefined && { next }) })
  }
  const wanted = answer.headers['x-accepted-github-permissions']
  if (/not accessible by (?:personal access token|integration)/i.test(seen)) {
    const next =
      wanted === undefined || wanted === ''
        ? `Give the fine-grained token the permission to ${act}.`
        : `Open the settings of the fine-grained token and give it ${permissionWords(wanted)}.`
    return new SluiceError('E_TOKEN_SCOPE', { object, expected: `a token that may ${act}`, seen, next, details })
  }
  if (/archived/i.test(seen)) return new SluiceError('E_FORGE_REPOSITORY_ARCHIVED', { object, seen, details })
  return new SluiceError('E_FORGE_FORBIDDEN', { object, expected: `the right to ${act}`, seen, details })
}

/** The page that an `X-GitHub-SSO: required; url=…` header names; empty when it names none; undefined without the header. */
export function ssoLink(answer: TransportAnswer): string | undefined {
  const header = answer.headers['x-github-sso']
  if (header === undefined || !/^\s*required\b/i.test(header)) return undefined
  const url = /\burl=(\S+)/.exec(header)?.[1] ?? ''
  return /^https?:\/\//.test(url) ? url : ''
}

/** `administration=write` as people read it on the page of the token: `Administration: read and write`. */
export function permissionWords(header: string): string {
  return header
    .split(';')[0]!
    .split(',')
    .map(part => {
      const [name = '', level = ''] = part.trim().split('=')
      const words = name.replaceAll('_', ' ')
      return `"${words.charAt(0).toUpperCase()}${words.slice(1)}: ${level === 'write' ? 'read and write' : 'read'}"`
    })
    .join(' and ')
}
