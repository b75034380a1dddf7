import { resolve } from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { type CliIo, note, print } from '../io.ts'
import { stderrLogger, untilStopped } from '../process.ts'
import { webFolder } from '../web-folder.ts'
import { addClusterOptions, type ClusterOptions, collect, examples, type RegisterCommand } from './command.ts'
import { databaseUrlFrom, type ServeFlags, serverOptions } from './serve-options.ts'

export const registerServe: RegisterCommand = (program, { io }) => {
  const serve = addClusterOptions(program.command('serve'))
    .description('Run the server of the console and its API until stopped')
    .option(
      '--listen <host:port>',
      'where to listen; elsewhere than on loopback it needs TLS or a trusted proxy',
      '127.0.0.1:4480',
    )
    .option('--public-url <url>', 'the address that browsers use, where it is another one')
    .option(
      '--database-url <url>',
      'PostgreSQL instead of a file in the data folder; one with a password goes into SLUICE_DATABASE_URL',
    )
    .option('--database-url-file <file>', 'file that holds the URL of the database')
    .option(
      '--key-file <file>',
      'file of the key that seals secrets; made when it is not there (or SLUICE_KEY, in base64)',
    )
    .option('--tls-cert <file>', 'certificate chain in PEM')
    .option('--tls-key <file>', 'its private key in PEM')
    .option('--trusted-proxy <network>', 'believe x-forwarded-… headers from there; may be repeated', collect, [])
    .option('--no-cluster', 'serve without a management cluster')
  addOidc(serve)
    .addHelpText(
      'after',
      examples([
        ['sluice serve', 'on http://127.0.0.1:4480, kept in .sluice/server'],
        [
          'sluice serve --listen 0.0.0.0:443 --public-url https://sluice.example.com --tls-cert tls.crt --tls-key tls.key',
          'for others',
        ],
        [
          'SLUICE_DATABASE_URL=postgres://… sluice serve --key-file /run/secrets/sluice.key',
          'one of several on PostgreSQL',
        ],
        [
          'sluice serve --oidc-issuer https://login.example.com --oidc-client-id sluice --oidc-grant platform=administrator',
          'sign in with OIDC',
        ],
      ]),
    )
    .action((options: ServeFlags & ClusterOptions) => runServer(options, io))
  serve
    .command('rotate-key')
    .description('Seal every secret of a server with a new key; the old one is removed')
    .addHelpText('after', examples([['sluice serve rotate-key', 'also while servers run']]))
    .action((_: unknown, command: Command) => rotateKey(command.optsWithGlobals<ServeFlags & ClusterOptions>(), io))
}

function addOidc(command: Command): Command {
  return command
    .option('--oidc-issuer <url>', 'let people sign in with this issuer')
    .option('--oidc-client-id <id>', 'client id that the issuer gave')
    .option(
      '--oidc-client-secret-file <file>',
      'file with its secret (or SLUICE_OIDC_CLIENT_SECRET); none for a public client',
    )
    .option('--oidc-title <text>', 'what the button says', 'Single sign-on')
    .option('--oidc-groups-claim <name>', 'claim that lists the groups of a person', 'groups')
    .option(
      '--oidc-grant <group=role[:project[/environment]]>',
      'role that a group gives; may be repeated',
      collect,
      [],
    )
}

async function runServer(options: ServeFlags & ClusterOptions, io: CliIo): Promise<void> {
  const settings = await serverOptions(options, io)
  const { startServer } = await import('../../server/index.ts')
  const { faultSeam } = await import('../../bootstrap/index.ts')
  const cluster = options.cluster === false ? undefined : await clusterOf(options, io)
  const logger = stderrLogger(io)
  try {
    const server = await startServer({
      ...settings,
      clock: systemClock,
      logger,
      webDir: webFolder(),
      ...faultSeam(io.env),
      ...(cluster === undefined ? {} : { client: cluster.client }),
    })
    try {
      print(io, `console: ${server.url}`)
      if (cluster !== undefined) print(io, `cluster: ${cluster.client.server}`)
      if (server.setupUrl !== undefined) {
        note(
          io,
          `\nThere is no administrator yet. Set one with this link, once, within 24 hours:\n  ${server.setupUrl}\n`,
        )
      }
      await untilStopped(io)
    } finally {
      await server.close()
    }
  } finally {
    await cluster?.client.close()
  }
}

/** The management cluster, when there is one: the server works without, and says so where it is needed. */
async function clusterOf(options: ClusterOptions, io: CliIo) {
  const { connectCluster } = await import('../connect.ts')
  return connectCluster(options, io).catch((error: unknown) => {
    const named = options.kubeconfig !== undefined || options.context !== undefined
    if (named || !(error instanceof SluiceError) || error.code !== 'E_NO_CONTEXT') throw error
    note(
      io,
      `${io.err.attention('warning')} no cluster: give --kubeconfig FILE, or start the sandbox with \`npm start\``,
    )
    return undefined
  })
}

async function rotateKey(options: ServeFlags & ClusterOptions, io: CliIo): Promise<void> {
  if (io.env['SLUICE_KEY']) {
    throw new SluiceError('E_USAGE', {
      object: 'SLUICE_KEY',
      expected: 'a key in a file',
      seen: 'one from the environment',
      next: 'Put the new key in SLUICE_KEY and the old one in SLUICE_KEY_PREVIOUS; see docs/guides/server.md.',
    })
  }
  const { serverFiles } = await import('../../server/index.ts')
  const { exchangeKey, fileKeyring, openStore, resealAll } = await import('../../store/index.ts')
  const files = serverFiles(resolve(io.cwd, options.data, 'server'))
  const url = await databaseUrlFrom(options, io)
  const store = await openStore({ place: url === undefined ? { file: files.database } : { url }, clock: systemClock })
  try {
    const path = options.keyFile === undefined ? files.key : resolve(io.cwd, options.keyFile)
    const keyring = await fileKeyring(path)
    const count = await exchangeKey(path, next => store.transaction(db => resealAll(db, keyring, next)))
    print(io, `sealed ${count} secret${count === 1 ? '' : 's'} with a new key; the old one is removed`)
  } finally {
    await store.close()
  }
}
