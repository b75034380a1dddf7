import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatFieldError } from '../../kube/field-error-format.ts'
import { parseBootstrapFlags } from './bootstrap-options.ts'
import { fluxFlags } from './flux-flags.ts'

const base = { owner: 'acme', repository: 'fleet' }
const parse = (flags: Record<string, string>, gitProvider = 'github') => {
  const { options, errors, warnings } = parseBootstrapFlags({ gitProvider, flags })
  return { options, errors: errors.map(formatFieldError), warnings: warnings.map(one => one.message) }
}

describe('the flags of flux bootstrap', () => {
  it('become typed options with the defaults of flux', () => {
    const { options, errors, warnings } = parse({ ...base, path: './clusters/prod/', team: 'a, b' })
    expect(errors).toEqual([])
    expect(options).toMatchObject({
      provider: 'github',
      owner: 'acme',
      repository: 'fleet',
      branch: 'main',
      namespace: 'flux-system',
      personal: false,
      private: true,
      interval: '1m0s',
      tokenAuth: false,
      team: ['a', 'b'],
    })
    expect(warnings).toEqual(['team: no team is given access: grant it on the Git host'])
  })

  it('read "false" as false, and say what eksctl would have made of it', () => {
    const { options, warnings } = parse({ ...base, private: 'false', personal: 'True' })
    expect(options).toMatchObject({ private: false, personal: true })
    expect(warnings).toEqual([
      'private: "false" is false here; eksctl passes it as two arguments, which flux reads as true',
    ])
  })

  const refused: readonly (readonly [string, Record<string, string>, string, string])[] = [
    [
      'an unknown flag, with the one that was meant',
      { ...base, reposotory: 'x' },
      'github',
      'did you mean repository?',
    ],
    ['a flag with dashes', { ...base, '--branch': 'x' }, 'github', 'did you mean branch?'],
    ['an unknown flag that looks like none', { ...base, zzz: 'x' }, 'github', 'see `flux bootstrap --help`'],
    ['a flag of another provider', { ...base, visibility: 'public' }, 'github', 'it belongs to gitlab'],
    ['a boolean that is none', { ...base, private: 'yes' }, 'github', 'must be "true" or "false"'],
    ['a number that is none', { ...base, 'ssh-rsa-bits': 'many' }, 'github', 'must be a whole number'],
    ['a duration that is none', { ...base, interval: '5' }, 'github', 'must be a duration'],
    [
      'a value outside a list',
      { ...base, 'log-level': 'loud' },
      'github',
      'supported values: "debug", "info", "error"',
    ],
    ['a password', { url: 'ssh://git@h/x', password: 'p' }, 'git', 'a secret does not belong in a file'],
    ['signing', { ...base, 'gpg-key-id': 'x' }, 'github', 'commits are not signed'],
    ['no owner', { repository: 'x' }, 'github', 'gitops.flux.flags.owner: Required value'],
    ['no url', { branch: 'main' }, 'git', 'gitops.flux.flags.url: Required value'],
    ['credentials in the url', { url: 'https://a:b@h/x' }, 'git', 'it holds credentials'],
    ['a branch that git refuses', { ...base, branch: 'a..b' }, 'github', "it has '..' in it"],
    ['a path out of the repository', { ...base, path: '../x' }, 'github', "it has '..' in it"],
    ['an unknown provider', base, 'githib', 'did you mean github?'],
    ['no provider', base, '', 'gitops.flux.gitProvider must be set'],
    ['a Bitbucket server without a host', base, 'bitbucket-server', 'the host of the server'],
  ]
  for (const [name, flags, provider, text] of refused) {
    it(`refuse ${name}`, () => expect(parse(flags, provider).errors.join('\n')).toContain(text))
  }

  it('do not refuse the off switch of what is not done', () => {
    expect(parse({ ...base, force: 'false', 'recurse-submodules': 'false' }).errors).toEqual([])
  })

  it('never lose or invent: every known flag is an option, every other one an error, whatever its value', () => {
    const names = fc.oneof(fc.constantFrom(...Object.keys(fluxFlags)), fc.string())
    fc.assert(
      fc.property(fc.dictionary(names, fc.string()), fc.string(), (flags, provider) => {
        const { options, errors } = parseBootstrapFlags({ gitProvider: provider, flags })
        for (const name of Object.keys(flags)) {
          const camel = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
          if (!Object.hasOwn(fluxFlags, name)) expect(errors.some(one => one.field.endsWith(`.${name}`))).toBe(true)
          else expect(camel in options).toBe(true)
        }
      }),
    )
  })
})
