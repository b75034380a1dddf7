import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Grant } from '../../access/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { Secret } from '../../secrets/secret.ts'
import type { ServerOptions } from '../../server/index.ts'
import type { CliIo } from '../io.ts'

export interface ServeFlags {
  readonly data: string
  readonly listen: string
  readonly publicUrl?: string
  readonly databaseUrl?: string
  readonly databaseUrlFile?: string
  readonly keyFile?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly trustedProxy: string[]
  readonly cluster?: boolean
  readonly oidcIssuer?: string
  readonly oidcClientId?: string
  readonly oidcClientSecretFile?: string
  readonly oidcTitle: string
  readonly oidcGroupsClaim: string
  readonly oidcGrant: string[]
}

/** What the flags and the environment say, as the server takes it. Fails with E_USAGE, E_FILE_READ. */
export async function serverOptions(flags: ServeFlags, io: CliIo): Promise<Omit<ServerOptions, 'clock'>> {
  const databaseUrl = await databaseUrlFrom(flags, io)
  const oidc = await oidcOf(flags, io)
  const keys = ['SLUICE_KEY', 'SLUICE_KEY_PREVIOUS'].flatMap(name => {
    const text = io.env[name]
    return text ? [{ name, key: Secret.of(text) }] : []
  })
  return {
    dataDir: resolve(io.cwd, flags.data, 'server'),
    ...addressOf(flags.listen),
    trustedProxies: flags.trustedProxy,
    ...(flags.publicUrl === undefined ? {} : { publicUrl: flags.publicUrl }),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(flags.keyFile === undefined ? {} : { keyFile: resolve(io.cwd, flags.keyFile) }),
    ...(keys[0]?.name === 'SLUICE_KEY' ? { keys } : {}),
    ...(await tlsOf(flags, io)),
    ...(oidc === undefined ? {} : { oidc }),
  }
}

function addressOf(text: string): { host: string; port: number } {
  const found = /^(?:\[([0-9a-fA-F:]+)\]|([\w.-]+)):(\d{1,5})$/.exec(text)
  const port = Number(found?.[3])
  if (found === null || port > 65_535) {
    throw new SluiceError('E_USAGE', { object: '--listen', expected: 'an address such as 127.0.0.1:4480', seen: text })
  }
  return { host: found[1] ?? found[2]!, port }
}

async function tlsOf({ tlsCert, tlsKey }: ServeFlags, io: CliIo): Promise<Pick<ServerOptions, 'tls'>> {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new SluiceError('E_USAGE', { expected: 'both --tls-cert and --tls-key', seen: 'one of them' })
  }
  if (tlsCert === undefined || tlsKey === undefined) return {}
  return { tls: { cert: await textOf(tlsCert, io), key: Secret.of(await textOf(tlsKey, io)) } }
}

async function oidcOf(flags: ServeFlags, io: CliIo): Promise<ServerOptions['oidc']> {
  const { oidcIssuer: issuer, oidcClientId: clientId } = flags
  if (issuer === undefined && clientId === undefined) return undefined
  if (issuer === undefined || clientId === undefined || !/^https?:\/\//.test(issuer) || !URL.canParse(issuer)) {
    throw new SluiceError('E_USAGE', {
      expected: '--oidc-issuer with a URL, and --oidc-client-id',
      seen: issuer ?? 'no issuer',
    })
  }
  const clientSecret = await secretFrom(io, 'SLUICE_OIDC_CLIENT_SECRET', flags.oidcClientSecretFile)
  const groupGrants: Record<string, Grant[]> = Object.create(null)
  for (const text of flags.oidcGrant) {
    const { group, grant } = groupGrant(text)
    ;(groupGrants[group] ??= []).push(grant)
  }
  return {
    issuer,
    clientId,
    title: flags.oidcTitle,
    groupsClaim: flags.oidcGroupsClaim,
    groupGrants: { ...groupGrants },
    ...(clientSecret === undefined ? {} : { clientSecret }),
  }
}

/** `platform=administrator`, `shop-dev=operator:shop/test`. */
function groupGrant(text: string): { group: string; grant: Grant } {
  const found = /^(.+)=(viewer|operator|administrator)(?::([a-z0-9-]+|\*)(?:\/([a-z0-9-]+|\*))?)?$/.exec(text)
  if (found === null) {
    throw new SluiceError('E_USAGE', {
      object: '--oidc-grant',
      expected: 'GROUP=ROLE[:PROJECT[/ENVIRONMENT]]',
      seen: text,
    })
  }
  const [, group = '', role, project = '*', environment = '*'] = found
  return { group, grant: { role: role as Grant['role'], project, environment } }
}

/** The URL of the database. On the command line it may carry no password: every user of the machine can read that. */
export async function databaseUrlFrom(flags: ServeFlags, io: CliIo): Promise<Secret | undefined> {
  const { databaseUrl: text } = flags
  if (text !== undefined && URL.canParse(text) && new URL(text).password !== '') {
    throw new SluiceError('E_USAGE', {
      object: '--database-url',
      expected: 'no password',
      seen: 'one',
      next: 'Put the URL into SLUICE_DATABASE_URL, or into a file for --database-url-file.',
    })
  }
  return secretFrom(io, 'SLUICE_DATABASE_URL', flags.databaseUrlFile, text)
}

/** A secret of the environment, of a file, or of a flag, in this order. */
async function secretFrom(
  io: CliIo,
  variable: string,
  file: string | undefined,
  flag?: string,
): Promise<Secret | undefined> {
  const kept = io.env[variable]
  const text = kept ? kept : file === undefined ? flag : await textOf(file, io)
  return text === undefined ? undefined : Secret.of(text.trim())
}

async function textOf(file: string, io: CliIo): Promise<string> {
  return readFile(resolve(io.cwd, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new SluiceError('E_FILE_READ', { object: file, seen: error.code ?? error.message, cause: error })
  })
}
