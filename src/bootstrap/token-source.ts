import { SluiceError } from '../base/errors/index.ts'
import { tokenInFile } from '../credentials/token-file.ts'
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

/** Variables that hold a token for GitHub, in order: EKS Anywhere's own, then the common one. */
export const githubTokenVariables = ['EKSA_GITHUB_TOKEN', 'GITHUB_TOKEN'] as const

/**
 * Finds the token for a GitHub-shaped host: the file given, then the environment.
 * A file holds the token alone, or lines `KEY=VALUE` (with or without `export` and quotes) as in EKS Anywhere's `github.env`.
 *
 * @throws E_TOKEN_MISSING, E_TOKEN_FILE
 */
export function findGitHubToken(sources: TokenSources): FoundToken {
  if (sources.file) return { token: tokenInFile(sources.file, githubTokenVariables).token, from: sources.file.name }
  for (const name of githubTokenVariables) {
    const value = sources.env[name]?.trim()
    if (value) return { token: Secret.of(value), from: name }
  }
  const gitlab = Boolean(sources.env['GITLAB_TOKEN']?.trim())
  throw new SluiceError('E_TOKEN_MISSING', {
    next: `Set ${githubTokenVariables.join(' or ')}, or give --token-file FILE (- reads standard input).`,
    expected: `a token in ${githubTokenVariables.join(' or ')}, or --token-file`,
    seen: gitlab ? 'only GITLAB_TOKEN, while the FluxConfig names GitHub' : 'none of them set',
  })
}
