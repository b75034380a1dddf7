import type { Command } from 'commander'
import { SluiceError } from '../../base/errors/index.ts'
import { version } from '../../base/version.ts'
import type { CredentialMeta, CredentialValue } from '../../secrets/store.ts'
import { type CliIo, note, print } from '../io.ts'
import { type CommandContext, dataOption, examples } from './command.ts'
import { addKeyFileOption, type CredentialOptions, readTokenFile, storeOf, tokenText } from './credential-sources.ts'

interface AddOptions extends CredentialOptions {
  readonly name?: string
  readonly kind?: string
  readonly username?: string
  readonly sshKey?: string
  readonly passphraseFile?: string
  readonly check: boolean
}

export function registerCredentialAdd(group: Command, { io }: CommandContext): void {
  addKeyFileOption(group.command('add <host>').description('Keep a token or an SSH key for one host and port, sealed'))
    .option('--name <name>', 'name in the store (default: the host)')
    .option('--kind <kind>', 'kind of Git host: github, gitlab, gitea, bitbucket, … (default: by the host)')
    .option('--token-file <file>', 'file with the token; `-` reads standard input (default: asked on the terminal)')
    .option('--token-stdin', 'read the token from standard input')
    .option('--username <name>', 'name that goes with the token, where the host wants one')
    .option('--ssh-key <file>', 'private key for SSH, in place of a token')
    .option('--passphrase-file <file>', 'file with the passphrase of the key')
    .option('--no-check', 'do not ask the host whose token it is')
    .addOption(dataOption())
    .addHelpText(
      'after',
      examples([
        ['sluice credential add github.com', 'asks for the token, and shows nothing of it'],
        ['sluice credential add git.example.com:8443 --kind gitlab --token-file token.txt', 'another host'],
        ['sluice credential add git.example.com --ssh-key ~/.ssh/id_ed25519', 'for Git over SSH'],
      ]),
    )
    .action((host: string, options: AddOptions) => add(host, options, io))
}

async function add(text: string, options: AddOptions, io: CliIo): Promise<void> {
  const { credentialHost } = await import('../../credentials/host.ts')
  const { fingerprintOf } = await import('../../credentials/fingerprint.ts')
  const isKey = options.sshKey !== undefined
  const host = isKey ? credentialHost(`ssh://${text.replace(/^ssh:\/\//, '')}`) : credentialHost(text)
  const { store, place } = await storeOf(options, io)
  const name = options.name ?? (isKey ? `ssh/${host}` : host)
  if ((await store.list()).some(meta => meta.name === name))
    throw new SluiceError('E_CREDENTIAL_EXISTS', { object: name })
  const value = isKey ? await keyValue(options, io) : await tokenValue(host, options, io)
  const kind = isKey ? 'ssh-key' : 'token'
  const meta: CredentialMeta = {
    name,
    kind,
    host,
    fingerprint: fingerprintOf(kind, value.secret, value.passphrase),
    added: new Date().toISOString(),
    ...(options.username !== undefined && { username: options.username }),
    ...(isKey ? {} : await askHost(host, text, value, options, io)),
  }
  await store.put(meta, value)
  const whose = meta.owner === undefined ? '' : ` of ${meta.owner}`
  print(io, `credential/${name} added: a ${kind === 'token' ? 'token' : 'key'}${whose} for ${host}`)
  note(io, io.err.dim(`sealed in ${place.store}, key in ${place.keyFile}: keep a copy of the key somewhere safe`))
}

/** Who the token belongs to and when it ends, as the host says; it stops at a token that the host refuses. */
async function askHost(
  host: string,
  text: string,
  { secret }: CredentialValue,
  options: AddOptions,
  io: CliIo,
): Promise<Partial<CredentialMeta>> {
  const { createForge, kindOfHost, parseForgeKind } = await import('../../forges/index.ts')
  const kind = options.kind === undefined ? kindOfHost(host) : parseForgeKind(options.kind)
  const { username } = options
  if (kind === undefined || kind === 'git') {
    if (options.check && kind === undefined)
      note(io, `${io.err.attention('!')} ${host} was not asked: say with --kind what kind of Git host it is`)
    return kind === undefined ? {} : { forge: kind }
  }
  const forge = createForge({
    kind,
    host: text,
    token: secret,
    userAgent: `sluice/${version}`,
    ...(username === undefined ? {} : { username }),
  })
  try {
    if (forge.tokenProblem) throw forge.tokenProblem
    if (!options.check) return { forge: kind }
    const { login, expiresAt } = await forge.identify(io.signal)
    return {
      forge: kind,
      proven: new Date().toISOString(),
      ...(login === '' ? {} : { owner: login }),
      ...(expiresAt === undefined ? {} : { expires: expiresAt }),
    }
  } finally {
    await forge.close()
  }
}

async function tokenValue(host: string, options: AddOptions, io: CliIo): Promise<CredentialValue> {
  const { Secret } = await import('../../secrets/secret.ts')
  const file = await tokenText(options, io)
  if (file) {
    const { tokenForHost } = await import('../../credentials/token-file.ts')
    const { kindOfHost, parseForgeKind } = await import('../../forges/index.ts')
    const kind = options.kind === undefined ? kindOfHost(host) : parseForgeKind(options.kind)
    return { secret: tokenForHost(file, { kind, host }) }
  }
  if (!io.stdin.isTTY) {
    throw new SluiceError('E_TOKEN_MISSING', {
      expected: '--token-file FILE, or - for standard input',
      seen: 'neither, and no terminal to ask on',
    })
  }
  const { askSecret } = await import('../ask-secret.ts')
  return { secret: Secret.of((await askSecret(io, 'Token: ')).trim()) }
}

async function keyValue(options: AddOptions, io: CliIo): Promise<CredentialValue> {
  const { Secret } = await import('../../secrets/secret.ts')
  if (options.tokenFile !== undefined || options.tokenStdin)
    throw new SluiceError('E_USAGE', { seen: '--ssh-key together with a token' })
  const key = Secret.of((await readTokenFile(options.sshKey!, io)).text)
  const file = options.passphraseFile === undefined ? undefined : await readTokenFile(options.passphraseFile, io)
  const passphrase = file?.text.replace(/\r?\n$/, '')
  return { secret: key, ...(passphrase ? { passphrase: Secret.of(passphrase) } : {}) }
}
