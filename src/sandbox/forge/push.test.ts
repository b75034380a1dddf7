import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePublicKey } from './deploy-keys.ts'
import { flush, packet, packetAt } from './pkt-line.ts'
import { readPushHead } from './push-commands.ts'
import { PushReportReader, refusedPush } from './push-report.ts'
import { isRepositoryName } from './repositories.ts'

const id = (digit: string) => digit.repeat(40)
const headBytes = Buffer.concat([
  packet(`${id('0')} ${id('1')} refs/heads/main\0 report-status side-band-64k agent=git/2`),
  packet(`${id('2')} ${id('3')} refs/heads/a b\n`),
  flush,
])

describe('the head of a push', () => {
  it('is read with its commands and capabilities, and tells when more must come', () => {
    const head = readPushHead(Buffer.concat([headBytes, Buffer.from('PACK')]))
    expect(head).toMatchObject({
      commands: [
        { before: id('0'), after: id('1'), ref: 'refs/heads/main' },
        { before: id('2'), after: id('3'), ref: 'refs/heads/a b' },
      ],
    })
    for (let cut = 0; cut < headBytes.length; cut++)
      expect(readPushHead(headBytes.subarray(0, cut)), String(cut)).toBe('partial')
  })

  it('never makes the reader fail, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        expect(readPushHead(Buffer.concat([packet('x'), Buffer.from(bytes)]))).toBeOneOf(['partial', 'broken'])
        packetAt(Buffer.from(bytes), 0)
      }),
    )
  })
})

describe('the report of a push', () => {
  const head = readPushHead(headBytes)
  if (typeof head === 'string') throw new Error(head)
  const report = Buffer.concat([
    packet('unpack ok\n'),
    packet('ok refs/heads/main\n'),
    packet('ng refs/heads/a b no\n'),
    flush,
  ])
  const banded = Buffer.concat([
    packet(Buffer.concat([Buffer.from([2]), Buffer.from('ok refs/heads/fake\n')])),
    packet(Buffer.concat([Buffer.from([1]), report])),
    flush,
  ])

  it('tells which refs were moved, however the answer is cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(banded.length), { maxLength: 8 }), cuts => {
        const reader = new PushReportReader(head)
        const at = [0, ...cuts.sort((a, b) => a - b), banded.length]
        for (const [i, end] of at.slice(1).entries()) reader.push(banded.subarray(at[i], end))
        expect([...reader.moved]).toEqual(['refs/heads/main'])
      }),
    )
  })

  it('of a refusal moves nothing', () => {
    const reader = new PushReportReader(head)
    reader.push(refusedPush(head, ['error: no'], () => 'protected branch hook declined'))
    expect([...reader.moved]).toEqual([])
  })
})

describe('names and keys', () => {
  it.each(['fleet', 'a.b', '_', '-x', '.github', 'x'.repeat(100)])('accept the repository %s', name =>
    expect(isRepositoryName(name)).toBe(true),
  )
  it.each(['', '.', '..', 'a/b', 'a b', 'x.git', 'x.wiki', 'ü', 'x'.repeat(101)])('refuse the repository %j', name =>
    expect(isRepositoryName(name)).toBe(false),
  )

  it('take a public key whose body says what its head says', () => {
    const body = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.alloc(36)]).toString(
      'base64',
    )
    expect(parsePublicKey(`ssh-ed25519 ${body} me@host\n`)).toBe(`ssh-ed25519 ${body}`)
    expect(parsePublicKey(`ssh-rsa ${body}`)).toBeUndefined()
    expect(parsePublicKey('-----BEGIN OPENSSH PRIVATE KEY-----')).toBeUndefined()
  })
})
