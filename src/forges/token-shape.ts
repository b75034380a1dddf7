import { SluiceError } from '../base/errors/index.ts'
import type { Secret } from '../secrets/secret.ts'

/** The families of hosts that tokens come from. */
export type TokenFamily = 'github' | 'gitlab' | 'bitbucket' | 'gitea' | 'azure-devops' | 'unknown'

/** What the text of a token says of itself. */
export interface TokenShape {
  readonly family: TokenFamily
  /** A word for machines: `classic`, `fine-grained`, `oauth`, `app-user`, `app-installation`, `refresh`, `deploy`, … */
  readonly kind: string
  /** Words for people: `a classic personal access token`. */
  readonly title: string
  /** Whether it is the kind that can make and push repositories for a person. */
  readonly usable: boolean
}

interface Known extends TokenShape {
  readonly pattern: RegExp
  /** A text with this start is meant to be this token, whatever follows. */
  readonly prefix?: string
}

const known: readonly Known[] = [
  github('ghp_', /^ghp_[A-Za-z0-9]{36,251}$/, 'classic', 'a classic personal access token of GitHub', true),
  github(
    'github_pat_',
    /^github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}$/,
    'fine-grained',
    'a fine-grained personal access token of GitHub',
    true,
  ),
  github('gho_', /^gho_[A-Za-z0-9]{36,251}$/, 'oauth', 'an OAuth token of GitHub', true),
  github('ghu_', /^ghu_[A-Za-z0-9]{36,251}$/, 'app-user', 'a user token of a GitHub App', true),
  github('ghs_', /^ghs_[A-Za-z0-9._-]{36,}$/, 'app-installation', 'an installation token of a GitHub App', true),
  github('ghr_', /^ghr_[A-Za-z0-9]{36,251}$/, 'refresh', 'a refresh token of a GitHub App', false),
  gitlab('glpat-', 'personal', 'a personal, project or group access token of GitLab', true),
  gitlab('gldt-', 'deploy', 'a deploy token of GitLab', false),
  gitlab('glcbt-', 'job', 'a job token of GitLab CI', false),
  gitlab('glrt-', 'runner', 'a runner token of GitLab', false),
  gitlab('glrtr-', 'runner', 'a runner registration token of GitLab', false),
  gitlab('glptt-', 'trigger', 'a pipeline trigger token of GitLab', false),
  gitlab('glagent-', 'agent', 'an agent token of GitLab', false),
  gitlab('gloas-', 'oauth-secret', 'an OAuth application secret of GitLab', false),
  gitlab('glft-', 'feed', 'a feed token of GitLab', false),
  gitlab('glimt-', 'mail', 'an incoming mail token of GitLab', false),
  gitlab('glsoat-', 'scim', 'a SCIM token of GitLab', false),
  gitlab('glwt-', 'workspace', 'a workspace token of GitLab', false),
  {
    family: 'bitbucket',
    kind: 'app-password',
    prefix: 'ATBB',
    pattern: /^ATBB[A-Za-z0-9=_-]{20,}$/,
    title: 'an app password of Bitbucket',
    usable: true,
  },
  {
    family: 'bitbucket',
    kind: 'api',
    prefix: 'ATATT',
    pattern: /^ATATT[A-Za-z0-9=_-]{20,}$/,
    title: 'an API token of Atlassian',
    usable: true,
  },
  {
    family: 'bitbucket',
    kind: 'repository',
    prefix: 'ATCTT',
    pattern: /^ATCTT[A-Za-z0-9=_-]{20,}$/,
    title: 'a repository access token of Bitbucket',
    usable: true,
  },
  {
    family: 'azure-devops',
    kind: 'personal',
    pattern: /^[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}$/,
    title: 'a personal access token of Azure DevOps',
    usable: true,
  },
]

function github(prefix: string, pattern: RegExp, kind: string, title: string, usable: boolean): Known {
  return { family: 'github', kind, prefix, pattern, title, usable }
}

function gitlab(prefix: string, kind: string, title: string, usable: boolean): Known {
  return { family: 'gitlab', kind, prefix, pattern: new RegExp(`^${prefix}[A-Za-z0-9_.-]{16,}$`), title, usable }
}

const unknownShape: TokenShape = { family: 'unknown', kind: 'unknown', title: 'a token of unknown shape', usable: true }
/** Old GitHub tokens, and those of Gitea and Forgejo: 40 hexadecimal digits say nothing of the host. */
const oldShape: TokenShape = {
  family: 'unknown',
  kind: 'unknown',
  title: 'a token of 40 hexadecimal digits',
  usable: true,
}

/** What a text is, by its shape alone. */
export function classifyToken(text: string): TokenShape {
  const found = known.find(({ prefix, pattern }) =>
    prefix !== undefined ? text.startsWith(prefix) : pattern.test(text),
  )
  if (found) return { family: found.family, kind: found.kind, title: found.title, usable: found.usable }
  return /^[0-9a-f]{40}$/.test(text) ? oldShape : unknownShape
}

/** What a token is for, to word a problem with it. */
export interface TokenUse {
  /** The host's name: `github.com`. */
  readonly host: string
  readonly family: TokenFamily
  /** Where the token came from: `EKSA_GITHUB_TOKEN`, `--token-file`. */
  readonly source?: string
  /** A page on which a new token is made. */
  readonly newTokenUrl?: string
}

/**
 * What is wrong with a token before anybody is asked: missing (E_TOKEN_MISSING), not a token (E_TOKEN_MALFORMED), made
 * by another host (E_TOKEN_WRONG_HOST), of a kind that cannot work (E_TOKEN_WRONG_KIND). Undefined when nothing is.
 * Never tells the text itself.
 */
export function tokenProblem(token: Secret | undefined, use: TokenUse): SluiceError | undefined {
  const object = use.source ?? `the token for ${use.host}`
  const page = use.newTokenUrl === undefined ? 'on the Git host' : `at ${use.newTokenUrl}`
  if (token === undefined || token.reveal().trim() === '') {
    const how =
      use.source !== undefined && /^[A-Z][A-Z0-9_]*$/.test(use.source)
        ? ` and set it: export ${use.source}=<token>`
        : ''
    return new SluiceError('E_TOKEN_MISSING', { object, next: `Make a personal access token ${page}${how}.` })
  }
  const text = token.reveal()
  const flaw = flawOf(text)
  if (flaw !== undefined)
    return new SluiceError('E_TOKEN_MALFORMED', { object, expected: 'a token and nothing else', seen: flaw })
  const shape = classifyToken(text)
  if (shape.family !== 'unknown' && shape.family !== use.family) {
    return new SluiceError('E_TOKEN_WRONG_HOST', {
      object,
      expected: `a token of ${use.host}`,
      seen: shape.title,
      next: `Make a personal access token ${page}; the one you gave was not sent to ${use.host}.`,
    })
  }
  const found = known.find(({ kind, family }) => kind === shape.kind && family === shape.family)
  if (found && !found.pattern.test(text)) {
    const prefix = found.prefix ?? ''
    return new SluiceError('E_TOKEN_MALFORMED', {
      object,
      expected: `${shape.title}, whole`,
      seen: `a text that starts with ${prefix} and has ${text.length} characters`,
      next: 'Copy the token again: the beginning is right, but it was cut, doubled, or has characters that no token has.',
    })
  }
  if (!shape.usable) {
    return new SluiceError('E_TOKEN_WRONG_KIND', {
      object,
      expected: 'a personal access token',
      seen: shape.title,
      next: `Make a personal access token ${page}.`,
    })
  }
  return undefined
}

/** What keeps a text from being any token; undefined when nothing does. */
function flawOf(text: string): string | undefined {
  if (/^\s|\s$/.test(text)) return /[\r\n]$/.test(text) ? 'a line break at the end' : 'a space before or after it'
  if (/\s/.test(text)) return 'a space or line break inside'
  if (/^["'`].*["'`]$/.test(text)) return 'quotes around it'
  if (/^(?:https?|ssh):\/\//.test(text)) return 'an address'
  if (/^-----BEGIN /.test(text)) return 'a key or certificate'
  if (/^\$\{?\w+\}?$|^\$\(.*\)$/.test(text)) return 'the name of a variable in place of its value'
  if (/^<.*>$|^(?:x{3,}|\*{3,}|\.{3,}|changeme|token|your[-_ ]?token.*)$/i.test(text)) return 'a placeholder'
  if (/^(?:bearer|token|basic):?$/i.test(text)) return 'the word before a token'
  if (!/^[\x21-\x7e]+$/.test(text)) return 'characters that no token has'
  if (text.length < 8) return `${text.length} characters`
  if (text.length > 8192) return `${text.length} characters`
  return undefined
}
