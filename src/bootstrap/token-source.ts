import { SluiceError } from '../base/errors/index.ts'
import type { ForgeKind } from '../forges/types.ts'
import { Secret } from '../secrets/secret.ts'

/** Where a Git token came from, in words that can be shown. */
export interface FoundToken {
  readonly token: Secret
  readonly from: string
}

export interface TokenSources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Text of the file given with --token-file (or of standard input), and how to name it. */
  readonly file?: { readonly name: string; readonly text: string }
}

/** Variables that hold a token for each kind of host, in order. A token is never taken from the variable of another kind. */
export const tokenVariables: Readonly<Record<ForgeKind, readonly string[]>> = {
  github: ['EKSA_GITHUB_TOKEN', 'GITHUB_TOKEN'],
  gitlab: ['GITLAB_TOKEN'],
  gitea: ['GITEA_TOKEN'],
  bitbucket: ['BITBUCKET_TOKEN'],
  'bitbucket-server': ['BITBUCKET_TOKEN'],
  'azure-devops': ['AZURE_DEVOPS_TOKEN'],
  git: ['GIT_PASSWORD'],
}

/**
 * Finds the token for a kind of host: the file given, then the environment.
 * A file holds the token alone, or lines `KEY=VALUE` (with or without `export` and quotes) as in EKS Anywhere's `github.env`.
 *
 * @throws E_TOKEN_MISSING, E_TOKEN_FILE
 */
export function findToken(kind: ForgeKind, sources: TokenSources): FoundToken {
  const variables = tokenVariables[kind]
  if (sources.file) return { token: tokenInFile(sources.file, variables), from: sources.file.name }
  for (const name of variables) {
    const value = sources.env[name]?.trim()
    if (value) return { token: Secret.of(value), from: name }
  }
  const all = new Set(Object.values(tokenVariables).flat())
  const others = [...all].filter(name => !variables.includes(name) && sources.env[name]?.trim())
  throw new SluiceError('E_TOKEN_MISSING', {
    next: `Set ${variables.join(' or ')}, or give --token-file FILE (- reads standard input).${others.length > 0 ? ' Is the Git host another one? Say --provider and --host.' : ''}`,
    expected: `a token in ${variables.join(' or ')}, or --token-file`,
    seen: others.length > 0 ? `only ${others.join(', ')}, for another kind of host` : 'none of them set',
  })
}

/** `findToken` for GitHub and what speaks like it. */
export function findGitHubToken(sources: TokenSources): FoundToken {
  return findToken('github', sources)
}

function tokenInFile(file: { name: string; text: string }, variables: readonly string[]): Secret {
  const lines = file.text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
  const values = new Map<string, string>()
  for (const line of lines) {
    const [, key, value] = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line) ?? []
    if (key !== undefined && value !== undefined) values.set(key, unquote(value.trim()))
  }
  for (const name of variables) {
    const value = values.get(name)
    if (value) return Secret.of(value)
  }
  const [only] = lines
  if (lines.length === 1 && only !== undefined && values.size === 0) return Secret.of(only)
  throw new SluiceError('E_TOKEN_FILE', {
    object: file.name,
    expected: `the token alone, or ${variables.join(' or ')}=…`,
    seen:
      lines.length === 0
        ? 'an empty file'
        : values.size > 0
          ? `the keys ${[...values.keys()].join(', ')}`
          : `${lines.length} lines`,
  })
}

function unquote(text: string): string {
  const [, quoted] = /^(?:"([^"]*)"|'([^']*)')$/.exec(text)?.filter(part => part !== undefined) ?? []
  return quoted ?? text
}
