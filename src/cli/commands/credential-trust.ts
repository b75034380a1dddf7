import type { Command } from 'commander'
import { print } from '../io.ts'
import { type CommandContext, dataOption, examples } from './command.ts'
import { storeOf } from './credential-sources.ts'
import { confirmHostKeys } from './host-keys.ts'

interface TrustOptions {
  readonly data: string
  readonly acceptHostKey?: string
  readonly replace?: boolean
}

export function registerCredentialTrust(group: Command, { io }: CommandContext): void {
  group
    .command('trust <host>')
    .description('Show the SSH host keys of a server and keep them once they are confirmed')
    .option('--accept-host-key <fingerprint>', 'take the key with this fingerprint (SHA256:…) without asking')
    .option('--replace', 'take keys that differ from the ones that were confirmed before')
    .addOption(dataOption())
    .addHelpText(
      'after',
      examples([
        ['sluice credential trust github.com', 'shows the fingerprints and asks'],
        ['sluice credential trust git.example.com:2222 --accept-host-key SHA256:…', 'for scripts'],
      ]),
    )
    .action(async (host: string, options: TrustOptions) => {
      const { place } = await storeOf(options, io)
      const finding = await confirmHostKeys(host, { ...options, knownHostsFile: place.knownHosts }, io)
      const keys = finding.shown.map(key => `${key.type} ${key.fingerprint}`).join(', ')
      print(io, `${finding.name} ${finding.state === 'known' ? 'was confirmed already' : 'confirmed'}: ${keys}`)
    })
}
