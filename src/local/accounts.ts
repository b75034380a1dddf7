import { readFile } from 'node:fs/promises'
import { writeFileAtomic } from '../base/atomic-file.ts'
import { version } from '../base/version.ts'
import { findGitHubToken } from '../bootstrap/token-source.ts'
import { createGitHubForge } from '../forges/index.ts'
import type { SandboxForge } from '../sandbox/forge/index.ts'
import type { Secret } from '../secrets/secret.ts'

/** Who owns what on a sandbox forge. */
export interface ForgeAccounts {
  readonly user: string
  readonly organization: string
}

/**
 * Makes the user and the organization (safe to repeat) and a token that may make repositories, kept in an env file of
 * mode 0600 in the form that every command reads. A token in the file that still works is kept.
 */
export async function ensureAccounts(
  forge: SandboxForge,
  { user, organization }: ForgeAccounts,
  envFile: string,
): Promise<Secret> {
  forge.admin.createUser({ login: user })
  forge.admin.createOrganization({ login: organization })
  forge.admin.addMember(organization, user, 'admin')
  const kept = await readToken(envFile)
  if (kept && (await works(forge, kept))) return kept
  const token = forge.admin.createToken({ user, kind: 'classic', scopes: ['repo', 'admin:org', 'delete_repo'] })
  const text = [
    `# A token of ${user} on the sandbox forge at ${forge.url}. It is worth nothing anywhere else.`,
    `EKSA_GITHUB_TOKEN=${token.reveal()}`,
    `SLUICE_GIT_HOST=${forge.url}`,
    '',
  ].join('\n')
  await writeFileAtomic(envFile, text, 0o600)
  return token
}

async function readToken(envFile: string): Promise<Secret | undefined> {
  try {
    return findGitHubToken({ env: {}, file: { name: envFile, text: await readFile(envFile, 'utf8') } }).token
  } catch {
    return undefined
  }
}

async function works(forge: SandboxForge, token: Secret): Promise<boolean> {
  const client = createGitHubForge({ host: forge.url, token, userAgent: `sluice/${version}` })
  try {
    await client.identify()
    return true
  } catch {
    return false
  }
}
