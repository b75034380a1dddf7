import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { print } from '../io.ts'
import { dataOption, type RegisterCommand } from './command.ts'

/** A git credential helper (gitcredentials(7)) for the sandbox forge of a data folder; it answers for that host only. */
export const registerCredential: RegisterCommand = (program, { io }) => {
  program
    .command('credential', { hidden: true })
    .argument('<operation>', 'get, store or erase, as git asks')
    .addOption(dataOption())
    .action(async (operation: string, options: { data: string }) => {
      if (operation !== 'get') return
      const { dataPaths, readSandboxState } = await import('../../local/state.ts')
      const { findGitHubToken } = await import('../../bootstrap/token-source.ts')
      const asked = Object.fromEntries((await text(io.stdin)).split('\n').map(line => line.split(/=(.*)/s).slice(0, 2)))
      const dataDir = resolve(io.cwd, options.data)
      const state = await readSandboxState(dataDir)
      if (!state || asked['protocol'] !== 'http' || asked['host'] !== `127.0.0.1:${state.forgePort}`) return
      const name = dataPaths(dataDir).token
      const { token } = findGitHubToken({ env: {}, file: { name, text: await readFile(name, 'utf8') } })
      print(io, `username=${state.user}\npassword=${token.reveal()}`)
    })
}
