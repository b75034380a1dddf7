import { SluiceError } from '../base/errors/index.ts'
import { redact } from '../secrets/secret.ts'

/** A repository address taken apart. */
export interface RepositoryUrl {
  readonly scheme: 'https' | 'http' | 'ssh'
  /** Host without port; IPv6 in brackets. */
  readonly host: string
  /** Port as written; undefined for the scheme's own. */
  readonly port: string | undefined
  /** SSH user; undefined for http(s). */
  readonly user: string | undefined
  /** Path with its leading slash. */
  readonly path: string
  /** Scheme, host and port: what a credential is bound to. */
  readonly origin: string
  /** The whole address in normal form: what git is given. */
  readonly href: string
}

/** What is accepted beyond https and ssh. */
export interface RepositoryUrlRules {
  /** Accept http to hosts that are not loopback: credentials and content then travel in the clear. */
  readonly allowPlainHttp?: boolean
}

const hostPattern = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/i

/**
 * Takes a repository address apart, or fails with E_GIT_URL_INVALID. Accepted are https, ssh, and http to this machine;
 * never a user name or password in an http(s) address, never `ext::`, `file:`, options (`-…`), control characters or
 * the scp form `git@host:path`, whose host git would hand to ssh unparsed.
 */
export function checkRepositoryUrl(text: string, rules: RepositoryUrlRules = {}): RepositoryUrl {
  if (text.startsWith('-')) throw invalid(text, 'an address, not an option')
  if (/[\x00-\x20\x7f\\]/.test(text) || /\p{Surrogate}/u.test(text))
    throw invalid(text, 'no spaces, control characters or backslashes')
  if (text.length > 2048) throw invalid(text, 'at most 2048 characters')
  if (text.includes('::') && !text.includes('://')) throw invalid(text, 'https:// or ssh://')
  const scp = /^(?:[^@/:]+@)?([^/:]+):(?!\/\/)(.+)$/.exec(text)
  if (scp) throw invalid(text, `the form ssh://git@${scp[1]}/${scp[2]!.replace(/^\/+/, '')}`)
  // Parsers differ about `https:///host`: it has no host.
  if (!/^[a-z]+:\/\/[^/]/i.test(text)) throw invalid(text, 'https:// or ssh://')
  const url = URL.canParse(text) ? new URL(text) : undefined
  const scheme = url?.protocol.slice(0, -1)
  if (url === undefined || (scheme !== 'https' && scheme !== 'http' && scheme !== 'ssh')) {
    throw invalid(text, 'https:// or ssh://')
  }
  if (!hostPattern.test(url.hostname) || url.hostname.startsWith('-')) throw invalid(text, 'a host name')
  if (scheme !== 'ssh' && (url.username !== '' || url.password !== '')) {
    throw invalid(text, 'no user name or token in the address: give the token apart from it')
  }
  if (url.password !== '') throw invalid(text, 'no password in the address')
  if (url.username.startsWith('-') || url.username.includes('%')) throw invalid(text, 'a plain SSH user name')
  if (url.search !== '' || url.hash !== '') throw invalid(text, 'no `?` and no `#`')
  if (!/^\/[^/]/.test(url.pathname)) throw invalid(text, 'the path of a repository after the host')
  if (url.pathname.startsWith('/-')) throw invalid(text, 'a path that does not start with `-`')
  if (scheme === 'http' && !rules.allowPlainHttp && !isLoopback(url.hostname)) {
    throw invalid(text, 'https (http is accepted for this machine only)')
  }
  return {
    scheme,
    host: url.hostname,
    port: url.port === '' ? undefined : url.port,
    user: url.username === '' ? undefined : url.username,
    path: url.pathname,
    origin: `${scheme}://${url.host}`,
    href: url.href,
  }
}

/** Whether a host name is this machine for certain, without asking DNS. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

function invalid(text: string, expected: string): SluiceError {
  const seen = redact(text.length > 120 ? `${text.slice(0, 120)}…` : text)
  return new SluiceError('E_GIT_URL_INVALID', { object: 'repository address', expected, seen: JSON.stringify(seen) })
}
