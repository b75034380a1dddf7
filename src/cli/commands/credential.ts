import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Command, Option } from 'commander'
import { type CliIo, note, print } from '../io.ts'
import {
  type CommandContext,
  dataOption,
  examples,
  type OutputFormat,
  outputOption,
  type RegisterCommand,
} from './command.ts'
import { registerCredentialAdd } from './credential-add.ts'
import { addKeyFileOption, storeOf } from './credential-sources.ts'
import { registerCredentialTrust } from './credential-trust.ts'
import { credentialView } from './credential-view.ts'

interface StoreCommandOptions {
  readonly data: string
  readonly keyFile?: string
  readonly output?: OutputFormat
  readonly yes?: boolean
}

/** The sealed store for people, and git's credential helper (gitcredentials(7)) for the sandbox forge. */
export const registerCredential: RegisterCommand = (program, context) => {
  const group = program
    .command('credential')
    .description('Keep credentials for Git hosts, sealed; values are never printed')
    .addOption(new Option('--data <dir>').hideHelp())
  registerCredentialAdd(group, context)
  registerList(group, context)
  registerShow(group, context)
  registerRemove(group, context)
  registerRekey(group, context)
  registerCredentialTrust(group, context)
  for (const operation of ['get', 'store', 'erase']) {
    group
      .command(operation, { hidden: true })
      .addOption(dataOption())
      .action(async (options: StoreCommandOptions) => {
        const data = (group.opts()['data'] as string | undefined) ?? options.data
        if (operation === 'get') await answerGit(data, context.io)
      })
  }
}

function registerList(group: Command, { io }: CommandContext): void {
  addKeyFileOption(
    group.command('list').alias('ls').description('List what is kept: whose, for which host, until when'),
  )
    .addOption(dataOption())
    .addOption(outputOption('json', 'yaml', 'name', 'wide'))
    .addHelpText('after', examples([['sluice credential list -o wide', 'with fingerprints']]))
    .action(async (options: StoreCommandOptions) => {
      const { printList } = await import('../output/result.ts')
      const { store } = await storeOf(options, io)
      printList(io, await store.list(), credentialView(io), options.output)
    })
}

function registerShow(group: Command, { io }: CommandContext): void {
  addKeyFileOption(group.command('show <name>').description('Show one credential, never its value'))
    .addOption(dataOption())
    .addOption(outputOption('json', 'yaml', 'name', 'wide'))
    .addHelpText('after', examples([['sluice credential show github.com -o yaml', 'everything but the value']]))
    .action(async (name: string, options: StoreCommandOptions) => {
      const { printData, printList } = await import('../output/result.ts')
      const { store } = await storeOf(options, io)
      // Opening it shows that the key fits and that nothing was changed.
      const { meta } = await store.open(name)
      const { output } = options
      if (output === 'json' || output === 'yaml') printData(io, meta, output)
      else printList(io, [meta], credentialView(io), output ?? 'wide')
    })
}

function registerRemove(group: Command, { io }: CommandContext): void {
  addKeyFileOption(group.command('remove <name>').alias('rm').description('Remove a credential from the store'))
    .addOption(dataOption())
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      examples([['sluice credential remove github.com', 'the token itself stays valid on its host']]),
    )
    .action(async (name: string, options: StoreCommandOptions) => {
      const { store } = await storeOf(options, io)
      if (!options.yes && io.stdin.isTTY) {
        const { confirm } = await import('../confirm.ts')
        if (!(await confirm(io, `Remove the credential ${name} from the store?`)))
          return note(io, 'nothing was changed')
      }
      const { kind, host } = await store.remove(name)
      print(io, `credential/${name} removed`)
      note(
        io,
        `The ${kind === 'token' ? 'token' : 'key'} still works on ${host}: revoke it there when nobody needs it.`,
      )
    })
}

function registerRekey(group: Command, { io }: CommandContext): void {
  addKeyFileOption(
    group.command('rekey').description('Seal the store with a new key; the old key opens nothing any more'),
  )
    .addOption(dataOption())
    .addHelpText('after', examples([['sluice credential rekey', 'after others could have read the key file']]))
    .action(async (options: StoreCommandOptions) => {
      const { store, place } = await storeOf(options, io)
      const count = await store.rekey()
      print(io, `sealed ${count} ${count === 1 ? 'credential' : 'credentials'} with a new key in ${place.keyFile}`)
    })
}

/** Answers git for the sandbox forge of a data folder, and for that host only. */
async function answerGit(data: string, io: CliIo): Promise<void> {
  const { dataPaths, readSandboxState } = await import('../../local/state.ts')
  const { findGitHubToken } = await import('../../bootstrap/token-source.ts')
  const asked = Object.fromEntries((await text(io.stdin)).split('\n').map(line => line.split(/=(.*)/s).slice(0, 2)))
  const dataDir = resolve(io.cwd, data)
  const state = await readSandboxState(dataDir)
  if (!state || asked['protocol'] !== 'http' || asked['host'] !== `127.0.0.1:${state.forgePort}`) return
  const name = dataPaths(dataDir).token
  const { token } = findGitHubToken({ env: {}, file: { name, text: await readFile(name, 'utf8') } })
  print(io, `username=${state.user}\npassword=${token.reveal()}`)
}
