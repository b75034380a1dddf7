import { describe, expect, it } from 'vitest'
import { Secret } from '../secrets/secret.ts'
import { parsePostgresUrl } from './postgres-url.ts'

const parse = (text: string) => parsePostgresUrl(Secret.of(text))

describe('the URL of a PostgreSQL database', () => {
  it('keeps the password as a secret', () => {
    const place = parse('postgres://ada:p%40ss-word@db.example.com:6432/sluice')
    expect(place).toMatchObject({ host: 'db.example.com', port: 6432, user: 'ada', database: 'sluice' })
    expect(place.password?.reveal()).toBe('p@ss-word')
    expect(JSON.stringify(place)).not.toContain('p@ss')
  })

  it('asks a server elsewhere to prove its name, and none on loopback', () => {
    expect(parse('postgres://a@db.example.com/x').tls).toMatchObject({ rejectUnauthorized: true })
    expect(parse('postgres://a@db.example.com/x').tls?.checkServerIdentity).toBeUndefined()
    expect(parse('postgres://a@127.0.0.1/x').tls).toBeUndefined()
    expect(parse('postgres://a@localhost/x?host=/var/run/postgresql')).toMatchObject({ host: '/var/run/postgresql' })
    expect(parse('postgres://a@db.example.com/x?sslmode=require').tls).toMatchObject({ rejectUnauthorized: false })
  })

  it.each([
    'mysql://a@b/c',
    'postgres://a@b/',
    'postgres://b/c',
    'postgres://a@b/c?sslmode=prefer',
    'postgres://a@b/c?options=-csearch_path',
    'postgres://a@b/c?connect_timeout=-1',
    'nonsense',
  ])('refuses %s', text => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'E_STORE_URL' }))
  })
})
