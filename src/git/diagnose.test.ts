import { describe, expect, it } from 'vitest'
import { Secret } from '../secrets/secret.ts'
import { gitFailure } from './diagnose.ts'

const failure = (stderr: string, stdout = '') =>
  gitFailure({ exitCode: 128, stderr, stdout: Buffer.from(stdout) }, 'https://github.com/a/b')

describe('a failure of git', () => {
  it.each([
    ["fatal: could not read Username for 'https://github.com': terminal prompts disabled", 'E_GIT_AUTHENTICATION'],
    [
      "remote: Invalid username or token.\nfatal: Authentication failed for 'https://github.com/a/b/'",
      'E_GIT_AUTHENTICATION',
    ],
    ['remote: HTTP Basic: Access denied\nfatal: Authentication failed', 'E_GIT_AUTHENTICATION'],
    [
      'git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.',
      'E_GIT_AUTHENTICATION',
    ],
    [
      "remote: Write access to repository not granted.\nfatal: unable to access 'x': The requested URL returned error: 403",
      'E_GIT_FORBIDDEN',
    ],
    [
      'remote: Permission to a/b.git denied to mona.\nfatal: unable to access: The requested URL returned error: 403',
      'E_GIT_FORBIDDEN',
    ],
    [
      "remote: The 'acme' organization has enabled or enforced SAML SSO.\nremote: visit https://github.com/enterprises/acme/sso?x=1\nfatal: error: 403",
      'E_GIT_SSO',
    ],
    [
      "remote: Repository not found.\nfatal: repository 'https://github.com/a/b/' not found",
      'E_GIT_REPOSITORY_NOT_FOUND',
    ],
    ["fatal: couldn't find remote ref refs/heads/x", 'E_GIT_REF_NOT_FOUND'],
    ['error: Server does not allow request for unadvertised object 0123', 'E_GIT_REF_NOT_FOUND'],
    ["fatal: unable to access 'x': Could not resolve host: nowhere", 'E_GIT_UNREACHABLE'],
    ["fatal: unable to access 'x': Failed to connect to 127.0.0.1 port 9: Connection refused", 'E_GIT_UNREACHABLE'],
    ["fatal: unable to access 'x': SSL certificate problem: self-signed certificate", 'E_GIT_TLS'],
    ["fatal: unable to access 'x': The requested URL returned error: 301", 'E_GIT_REDIRECTED'],
    ["fatal: unable to access 'x': The requested URL returned error: 503", 'E_GIT_SERVER_ERROR'],
    ['fatal: https://x/info/refs not valid: is this a git repository?', 'E_GIT_NOT_A_GIT_SERVER'],
    ['Host key verification failed.\nfatal: Could not read from remote repository.', 'E_GIT_HOST_KEY'],
    ['error: unable to write file: No space left on device', 'E_GIT_DISK_FULL'],
    [
      'error: RPC failed; curl 18 transfer closed with outstanding read data remaining\nfatal: early EOF',
      'E_GIT_TRANSFER_BROKEN',
    ],
    [
      'remote: error: GH006: Protected branch update failed for refs/heads/main.\n ! [remote rejected] main -> main (protected branch hook declined)',
      'E_GIT_BRANCH_PROTECTED',
    ],
    ['remote: error: GH013: Repository rule violations found for refs/heads/main.', 'E_GIT_BRANCH_PROTECTED'],
    [
      'remote: GitLab: You are not allowed to push code to protected branches on this project.',
      'E_GIT_BRANCH_PROTECTED',
    ],
    [
      'remote: \nremote: Gitea: Not allowed to push to protected branch main\n ! [remote rejected] main -> main (pre-receive hook declined)',
      'E_GIT_BRANCH_PROTECTED',
    ],
    [
      ' ! [remote rejected] main -> main (TF402455: Pushes to this branch are not permitted; you must use a pull request to update this branch.)',
      'E_GIT_BRANCH_PROTECTED',
    ],
    [
      'remote: Branch refs/heads/main can only be modified through pull requests.\nremote: Check your branch permissions configuration with the project administrator.',
      'E_GIT_BRANCH_PROTECTED',
    ],
    [
      'remote: Permission denied to update branch main.\n ! [remote rejected] main -> main (pre-receive hook declined)',
      'E_GIT_BRANCH_PROTECTED',
    ],
    [
      'remote: error: GH013: Repository rule violations found for refs/heads/main.\nremote: - GITHUB PUSH PROTECTION\nremote: - Push cannot contain secrets',
      'E_GIT_PUSH_REJECTED',
    ],
    [' ! [remote rejected] main -> main (pre-receive hook declined)', 'E_GIT_PUSH_REJECTED'],
    ['something new', 'E_GIT_FAILED'],
  ])('%j is %s', (stderr, code) => expect(failure(stderr).code).toBe(code))

  it('of a push is read from the porcelain lines', () => {
    expect(
      failure('error: failed to push some refs', '!\tabc:refs/heads/main\t[rejected] (fetch first)\nDone').code,
    ).toBe('E_GIT_PUSH_CONFLICT')
    expect(failure('', '!\tabc:refs/heads/main\t[remote rejected] (failed to update ref)').code).toBe(
      'E_GIT_PUSH_CONFLICT',
    )
  })

  it('tells the words of the server first, without control characters, and where to go for single sign-on', () => {
    const sso = failure(
      "remote: The 'acme' organization has enabled or enforced SAML SSO.\nremote: visit https://github.com/sso?x=1.\nfatal: 403\x1b[2J",
    )
    expect(sso.facts.seen).toMatch(/^The 'acme' organization/)
    expect(sso.message).not.toContain('\x1b')
    expect(sso.next).toContain('https://github.com/sso?x=1 ')
  })

  it('of a certificate out of date says to look at the clock', () => {
    for (const words of [
      'SSL certificate problem: certificate is not yet valid',
      'SSL certificate problem: certificate has expired',
    ])
      expect(failure(`fatal: unable to access 'https://h/a/b.git/': ${words}`)).toMatchObject({
        code: 'E_GIT_TLS',
        next: expect.stringContaining('clock of this machine'),
      })
    expect(failure('SSL certificate problem: self-signed certificate').next).not.toContain('clock')
  })

  it('of a rule that wants signatures says how to sign; one that wants a request besides does not', () => {
    const words = 'remote: error: GH006: Protected branch update failed for refs/heads/main.\nremote: error: - '
    expect(failure(`${words}Commits must have verified signatures.`).next).toContain('--signing-key')
    expect(
      failure(
        `${words}Changes must be made through a pull request.\nremote: error: - Commits must have verified signatures.`,
      ).next,
    ).not.toContain('--signing-key')
  })

  it('never tells a secret that the server echoes in its output', () => {
    const secret = Secret.of('canary-canary-canary')
    expect(failure('', `!\tx\t[remote rejected] (${secret.reveal()})`).message).not.toContain(secret.reveal())
  })
})
