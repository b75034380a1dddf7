import { resolve } from 'node:path'
import { Option } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { version } from '../../base/version.ts'
import type { RotationTarget, TokenRotation } from '../../fleet/rotate-token.ts'
import type { Forge } from '../../forges/types.ts'
import type { Secret } from '../../secrets/secret.ts'
import { type ConnectedCluster, connectCluster } from '../connect.ts'
import { type CliIo, note, print } from '../io.ts'
import {
  addClusterOptions,
  type ClusterOptions,
  examples,
  type OutputFormat,
  outputOption,
  type RegisterCommand,
  timeoutOption,
} from './command.ts'
import {
  addCredentialOptions,
  type CredentialOptions,
  readTokenFile,
  resolveToken,
  storeOf,
  tokenText,
} from './credential-sources.ts'
import { readPlainFile } from './forge-options.ts'
import { registerRotateKey } from './token-key.ts'

interface RotateOptions extends ClusterOptions, CredentialOptions {
  readonly host?: string
  readonly kind?: string
  readonly newTokenFile?: string
  readonly oldSecret?: string
  readonly username?: string
  readonly caFile?: string
  readonly proxy?: string
  readonly envFile?: readonly string[]
  readonly cluster: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly output?: OutputFormat
  readonly timeout: number
}

export const registerToken: RegisterCommand = (program, context) => {
  const { io } = context
  const group = program.command('token').description('Replace tokens and deploy keys everywhere they are used')
  const rotate = addCredentialOptions(addClusterOptions(group.command('rotate')))
    .description('Replace a token in the store, in the cluster and in env files; the new one is proven first')
    .addOption(new Option('--host <host>', 'Git host of the token (default: github.com)').env('SLUICE_GIT_HOST'))
    .option('--kind <kind>', 'kind of Git host (default: known by the host, or asked from it)')
    .option('--new-token-file <file>', 'file with the new token; `-` reads standard input (default: asked)')
    .option('--old-secret <namespace/name>', 'take the old token from this Secret of the cluster')
    .option('--username <name>', 'name that goes with the tokens, where the host wants one')
    .option('--ca-file <file>', "PEM certificates to trust for the Git host besides the system's")
    .addOption(new Option('--proxy <url>', 'HTTP proxy to the Git host').env('SLUICE_GIT_PROXY'))
    .option('--env-file <file...>', 'env files to change too; none is changed unless it is named')
    .option('--no-cluster', 'leave the cluster out')
    .option('--dry-run', 'prove the new token, list what would change, and change nothing')
    .option('-y, --yes', 'do not ask')
    .addOption(outputOption('json'))
    .addOption(timeoutOption('5m', 'how long to wait for each source to be Ready'))
  rotate
    .addHelpText(
      'after',
      `\nThe old token is the one that other commands use (--token-file, the environment, the store).\n${examples([
        ['sluice token rotate --new-token-file new.txt --dry-run', 'see what would change'],
        ['sluice token rotate --host git.example.com --kind gitlab --new-token-file -', 'from standard input'],
        ['sluice token rotate --old-secret flux-system/flux-system', 'when the old one is in the cluster only'],
      ])}`,
    )
    .action((options: RotateOptions) => rotateToken(options, io))
  registerRotateKey(group, context)
}

async function rotateToken(options: RotateOptions, io: CliIo): Promise<void> {
  const { credentialHost } = await import('../../credentials/host.ts')
  const { createForge, detectForgeKind, kindOfHost, parseForgeKind } = await import('../../forges/index.ts')
  const { faultSeam } = await import('../../bootstrap/index.ts')
  const { planRotation, applyRotation, awaitRotation } = await import('../../fleet/rotate-token.ts')
  const { proveToken } = await import('../../fleet/prove-token.ts')
  if (options.tokenStdin && options.newTokenFile === '-')
    throw new SluiceError('E_USAGE', { seen: 'both the old and the new token from standard input' })
  const written = options.host ?? 'github.com'
  const host = credentialHost(written)
  const userAgent = `sluice/${version}`
  const ca = options.caFile === undefined ? undefined : (await readPlainFile(options.caFile, io)).text
  const reach = {
    ...(ca === undefined ? {} : { ca }),
    ...(options.proxy === undefined ? {} : { proxy: options.proxy }),
  }
  const kind =
    options.kind === undefined
      ? (kindOfHost(host) ?? (await detectForgeKind(written, { userAgent, signal: io.signal, ...reach })))
      : parseForgeKind(options.kind)
  if (kind === 'git')
    throw new SluiceError('E_USAGE', {
      expected: 'a kind of Git host with an API, which can say whose a token is',
      seen: 'git',
    })
  const { store } = await storeOf(options, io)
  const cluster = options.cluster ? await connectCluster(options, io) : undefined
  const opened: Forge[] = []
  const forgeFor = (token: Secret, username: string | undefined) => {
    const forge = createForge({
      kind,
      host: written,
      token,
      userAgent,
      ...reach,
      ...(username === undefined ? {} : { username }),
    })
    opened.push(forge)
    return forge
  }
  try {
    const next = await newToken(options, { kind, host }, io)
    const old = await oldToken(options, { kind, host }, cluster, io)
    const rotation: TokenRotation = {
      host,
      old: old ? [old.token] : [],
      next,
      store,
      envFiles: (options.envFile ?? []).map(path => resolve(io.cwd, path)),
      dataDir: resolve(io.cwd, options.data),
      clock: systemClock,
      signal: io.signal,
      ...(cluster ? { client: cluster.client } : {}),
      ...faultSeam(io.env),
    }
    const targets = await planRotation(rotation)
    const username = options.username ?? old?.username
    note(io, io.err.dim(`proving the new token on ${host}`))
    const { identity, notes } = await proveToken({
      next: forgeFor(next, username),
      ...(old ? { old: forgeFor(old.token, username) } : {}),
      targets,
      signal: io.signal,
    })
    for (const said of notes) note(io, `${io.err.attention('warning')} ${said}`)
    const plan = targets.map(shown)
    if (options.output !== 'json') for (const { place, action } of plan) print(io, `${action.padEnd(8)} ${place}`)
    if (options.dryRun) {
      if (options.output === 'json') await printJson(io, { dryRun: true, host, targets: plan })
      return
    }
    if (!options.yes && io.stdin.isTTY && targets.some(target => target.state === 'old')) {
      const { confirm } = await import('../confirm.ts')
      if (!(await confirm(io, 'Replace the token in all of these?'))) return note(io, 'nothing was changed')
    }
    await applyRotation(rotation, targets, identity)
    const { ready, suspended } = await awaitRotation(rotation, targets, {
      timeoutMs: options.timeout,
      onProgress: said => note(io, io.err.dim(said)),
    })
    for (const { namespace, name } of suspended)
      note(io, `${io.err.attention('!')} source ${namespace}/${name} is suspended: not tried with the new token`)
    const { tokenNeeds } = await import('../../forges/token-needs.ts')
    if (options.output === 'json') await printJson(io, { dryRun: false, host, targets: plan, ready: ready.length })
    else
      print(
        io,
        `${plan.length} replaced; ${ready.length} ${ready.length === 1 ? 'source is' : 'sources are'} Ready with the new token`,
      )
    note(io, `Now revoke the old token on ${host}: ${tokenNeeds[kind].page}.`)
    if (kind === 'github')
      note(io, 'GitHub takes deploy keys away with the token that added them: `sluice token rotate-key` first.')
  } finally {
    for (const forge of opened) await forge.close()
    await cluster?.client.close()
  }
}

async function newToken(options: RotateOptions, query: Parameters<typeof resolveToken>[2], io: CliIo): Promise<Secret> {
  const { Secret } = await import('../../secrets/secret.ts')
  const { tokenForHost } = await import('../../credentials/token-file.ts')
  const { newTokenFile: file } = options
  if (file !== undefined) {
    const text =
      file === '-' ? await tokenText({ data: options.data, tokenStdin: true }, io) : await readTokenFile(file, io)
    return tokenForHost(text!, query)
  }
  if (!io.stdin.isTTY)
    throw new SluiceError('E_TOKEN_MISSING', {
      object: 'the new token',
      expected: '--new-token-file FILE',
      seen: 'nothing',
    })
  const { askSecret } = await import('../ask-secret.ts')
  return Secret.of((await askSecret(io, 'New token: ')).trim())
}

async function oldToken(
  options: RotateOptions,
  query: Parameters<typeof resolveToken>[2],
  cluster: ConnectedCluster | undefined,
  io: CliIo,
): Promise<{ token: Secret; username?: string } | undefined> {
  if (options.oldSecret === undefined) {
    const file = await tokenText(options, io)
    return resolveToken(options, io, query, file).catch((error: unknown) => {
      // A run that was ended may have replaced it everywhere it could be found: the journal knows its digest.
      if (error instanceof SluiceError && error.code === 'E_TOKEN_MISSING') return undefined
      throw error
    })
  }
  const { secretText } = await import('../../credentials/sync-secret.ts')
  const { Secret } = await import('../../secrets/secret.ts')
  const [namespace = '', name = ''] = options.oldSecret.split('/')
  if (!cluster || name === '')
    throw new SluiceError('E_USAGE', { expected: '--old-secret NAMESPACE/NAME and a cluster' })
  const live = await cluster.client.get(
    { group: '', version: 'v1', kind: 'Secret', namespace, name },
    { signal: io.signal },
  )
  const value =
    secretText(live, 'bearerToken') ?? (secretText(live, 'identity') ? undefined : secretText(live, 'password'))
  if (!value)
    throw new SluiceError('E_ROTATE_NOTHING', {
      object: `Secret/${options.oldSecret}`,
      expected: 'a token',
      seen: 'none',
    })
  const { credentialHolders } = await import('../../fleet/credential-holders.ts')
  const held = (await credentialHolders(cluster.client, { signal: io.signal })).filter(
    holder => holder.namespace === namespace && holder.name === name,
  )
  const { isOnHost } = await import('../../credentials/host.ts')
  const urls = held.flatMap(holder => holder.sources.map(source => source.url))
  if (!urls.some(url => isOnHost(url, query.host)))
    throw new SluiceError('E_CREDENTIAL_HOST', {
      object: `Secret/${options.oldSecret}`,
      expected: `the Secret of a source on ${query.host}`,
      seen: urls.length === 0 ? 'no source that uses it' : `sources on ${held.map(holder => holder.host).join(', ')}`,
    })
  const username = secretText(live, 'username')
  return { token: Secret.of(value.trim()), ...(username && options.kind?.startsWith('bitbucket') ? { username } : {}) }
}

function shown(target: RotationTarget): { readonly place: string; readonly action: 'replace' | 'keep' } {
  const action = target.state === 'old' ? 'replace' : 'keep'
  if (target.kind === 'env-file') return { place: target.path, action }
  if (target.kind === 'store') return { place: `credential/${target.meta.name} in the sealed store`, action }
  const { namespace, name, key, sources } = target.holder
  const used = sources.map(source => `${source.kind.kind}/${source.namespace}/${source.name}`).join(', ')
  return { place: `Secret/${namespace}/${name} ${key} (${used})`, action }
}

async function printJson(io: CliIo, data: unknown): Promise<void> {
  const { printData } = await import('../output/result.ts')
  printData(io, data, 'json')
}
