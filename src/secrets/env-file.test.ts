import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEnvFile, replaceInEnvFile } from './env-file.ts'

const read = (text: string) => Object.fromEntries(parseEnvFile(text, 'x.env'))

describe('an env file', () => {
  it.each([
    ['A=1', { A: '1' }],
    ['export A=1\n  export   B = two words  # said', { A: '1', B: 'two words' }],
    ['A=a#b #c', { A: 'a#b' }],
    ['A= #c', { A: '' }],
    ['A=#c', { A: '' }],
    ["A='a # b $HOME \\n'", { A: 'a # b $HOME \\n' }],
    ['A="a\\n\\"b\\" \\$c \\\\ # d" # e', { A: 'a\n"b" $c \\ # d' }],
    ['A="one\ntwo"\nB=3', { A: 'one\ntwo', B: '3' }],
    ['\ufeffA=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['# A=1\n\n', {}],
    ['A=1\nA=2', { A: '2' }],
    ['A=$(cat /etc/passwd)`id`${B}', { A: '$(cat /etc/passwd)`id`${B}' }],
  ])('%j', (text, expected) => expect(read(text)).toEqual(expected))

  it.each([
    ['what is no assignment', 'A=1\nnonsense', 'x.env:2'],
    ['an open quote', 'A=1\n\nB="abc', 'x.env:3'],
    ['text after a quote', 'A="b" c', 'x.env:1'],
  ])('refuses %s with the line, and shows nothing of it', (_, text, where) => {
    expect(() => read(text)).toThrow(where)
    expect(() => read(text)).not.toThrow(/nonsense|abc/)
  })

  it('reads back any value that is written in double quotes', () => {
    fc.assert(
      fc.property(fc.string(), value => {
        const text = value.replace(/\r\n?/g, '\n')
        const quoted = text.replace(/[\\"$]/g, '\\$&').replaceAll('\n', '\\n')
        expect(read(`A="${quoted}"\nB=1`)).toEqual({ A: text, B: '1' })
      }),
    )
  })

  it('ends for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('A', '=', '"', "'", '\\', '#', ' ', '\n', '$') }), text => {
        try {
          parseEnvFile(text, 'x')
        } catch (error) {
          expect((error as { code?: string }).code).toBe('E_TOKEN_FILE')
        }
      }),
    )
  })
})

describe('replacing a value', () => {
  const text = '# tokens\nexport A="old-token"  # mine\nB=old-token\nC=other\nD=\'old-token\'\n'
  it('changes exactly the lines that hold it', () => {
    expect(replaceInEnvFile(text, 'x', 'old-token', 'new$&token')).toBe(
      '# tokens\nexport A="new$&token"  # mine\nB=new$&token\nC=other\nD=\'new$&token\'\n',
    )
  })
  it('says when nothing holds it', () => {
    expect(replaceInEnvFile(text, 'x', 'token', 'n')).toBeUndefined()
  })
})
