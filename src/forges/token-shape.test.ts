import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '../secrets/secret.ts'
import { classifyToken, tokenProblem } from './token-shape.ts'

const x = (count: number) => 'aB3'.repeat(Math.ceil(count / 3)).slice(0, count)
const use = {
  host: 'github.com',
  family: 'github',
  source: 'EKSA_GITHUB_TOKEN',
  newTokenUrl: 'https://github.com/settings/tokens/new',
} as const
const problem = (text: string | undefined) => tokenProblem(text === undefined ? undefined : Secret.of(text), use)

describe('the shape of a token', () => {
  it.each([
    [`ghp_${x(36)}`, 'github', 'classic'],
    [`github_pat_${x(22)}_${x(59)}`, 'github', 'fine-grained'],
    [`gho_${x(36)}`, 'github', 'oauth'],
    [`ghu_${x(36)}`, 'github', 'app-user'],
    [`ghs_${x(36)}`, 'github', 'app-installation'],
    [`ghr_${x(76)}`, 'github', 'refresh'],
    [`glpat-${x(20)}`, 'gitlab', 'personal'],
    [`gldt-${x(20)}`, 'gitlab', 'deploy'],
    [`ATBB${x(28)}`, 'bitbucket', 'app-password'],
    [`${'a1'.repeat(38)}AZDOab12`, 'azure-devops', 'personal'],
    ['0123456789abcdef0123456789abcdef01234567', 'unknown', 'unknown'],
    ['something-else', 'unknown', 'unknown'],
  ])('%s is of %s, %s', (text, family, kind) => expect(classifyToken(text)).toMatchObject({ family, kind }))

  it.each([
    `ghp_${x(36)}`,
    `github_pat_${x(22)}_${x(59)}`,
    `ghs_${x(36)}`,
    '0123456789abcdef0123456789abcdef01234567',
    'company-made-token',
  ])('has no problem for GitHub in %s', text => expect(problem(text)).toBeUndefined())

  it.each([
    [undefined, 'E_TOKEN_MISSING', /export EKSA_GITHUB_TOKEN=<token>/],
    ['', 'E_TOKEN_MISSING', /settings\/tokens\/new/],
    [` ghp_${x(36)}`, 'E_TOKEN_MALFORMED', /space before or after/],
    [`ghp_${x(36)}\n`, 'E_TOKEN_MALFORMED', /line break at the end/],
    [`"ghp_${x(36)}"`, 'E_TOKEN_MALFORMED', /quotes/],
    ['$GITHUB_TOKEN', 'E_TOKEN_MALFORMED', /name of a variable/],
    ['<your token>', 'E_TOKEN_MALFORMED', /space or line break inside/],
    ['<token>', 'E_TOKEN_MALFORMED', /placeholder/],
    ['https://github.com/settings/tokens', 'E_TOKEN_MALFORMED', /an address/],
    [`ghp_${x(35)}`, 'E_TOKEN_MALFORMED', /starts with ghp_ and has 39 characters/],
    [`ghp_${x(36)}+junk`, 'E_TOKEN_MALFORMED', /starts with ghp_/],
    [`github_pat_${x(59)}`, 'E_TOKEN_MALFORMED', /github_pat_/],
    [`glpat-${x(20)}`, 'E_TOKEN_WRONG_HOST', /GitLab.*was not sent to github\.com/s],
    [`ghr_${x(76)}`, 'E_TOKEN_WRONG_KIND', /refresh/],
    ['short', 'E_TOKEN_MALFORMED', /5 characters/],
  ])('%j fails with %s and says why', (text, code, words) => {
    const found = problem(text)!
    expect(found.code).toBe(code)
    expect(`${found.message} ${found.next}`).toMatch(words)
  })

  it('is told without ever telling the token', () => {
    const prefix = fc.constantFrom('ghp_', 'github_pat_', 'glpat-', 'ghr_', ' ', '"', '')
    fc.assert(
      fc.property(prefix, fc.string({ minLength: 12 }), (start, rest) => {
        const found = problem(start + rest)
        if (found && rest.trim().length >= 12)
          expect(`${found.message} ${found.next} ${JSON.stringify(found)}`).not.toContain(rest)
      }),
    )
  })
})
