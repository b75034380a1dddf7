import { resolve } from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { Keys } from '../../sops/index.ts'
import { withCluster } from '../connect.ts'
import { type CliIo, note, print } from '../io.ts'
import { printable } from '../output/printable.ts'
import { addClusterOptions, type ClusterOptions, collect, examples, type RegisterCommand } from './command.ts'

interface KeyOptions extends ClusterOptions {
  readonly key: string[]
  readonly keySecret?: string
}

interface RecipientOptions {
  readonly age: string[]
}

export const registerSecret: RegisterCommand = (program, { io }) => {
  const secret = program.command('secret').description('Seal secrets for Git with SOPS and age, and change sealed ones')
  registerKeygen(secret, io)
  recipientOption(secret.command('seal <files...>'))
    .description('Encrypt plain files in place, for the recipients of .sops.yaml or of --age')
    .addHelpText(
      'after',
      examples([
        ['sluice secret seal apps/db/secret.yaml', 'for the recipients of the creation rule in .sops.yaml'],
        ['sluice secret seal --age age1qy… tls.key', 'a file of any content is sealed as a whole'],
      ]),
    )
    .action(async (files: string[], options: RecipientOptions) => {
      const { sealPath } = await import('../../sops/files/seal-path.ts')
      for (const file of files) {
        const recipients = await sealPath(resolve(io.cwd, file), { recipients: options.age, clock: systemClock })
        print(io, `${io.out.good('✔')} ${printable(file)} sealed for ${recipients.join(', ')}`)
      }
    })
  keyOptions(secret.command('edit <file>'))
    .description('Open a sealed file in $EDITOR and seal it again; unchanged values stay as they are')
    .addHelpText(
      'after',
      examples([['sluice secret edit apps/db/secret.yaml', 'with the key of ~/.config/sops/age/keys.txt']]),
    )
    .action(async (file: string, options: KeyOptions) => {
      const { editPath } = await import('../../sops/files/edit-path.ts')
      const editor = io.env['SOPS_EDITOR'] || io.env['VISUAL'] || io.env['EDITOR'] || 'vi'
      const changed = await editPath(resolve(io.cwd, file), {
        keys: await keysFor(options, io),
        editor,
        env: io.env,
        clock: systemClock,
        onInvalid: error => note(io, `${io.err.bad('✗')} ${printable(error.message)}; the editor opens again`),
      })
      print(io, changed ? `${io.out.good('✔')} ${printable(file)} sealed again` : `${printable(file)} is unchanged`)
    })
  recipientOption(keyOptions(secret.command('rotate <files...>')))
    .description('Give sealed files a new data key, and the recipients that --age or .sops.yaml names now')
    .addHelpText(
      'after',
      examples([
        ['sluice secret rotate apps/*/secret.yaml', 'after somebody left: .sops.yaml without their key'],
        ['sluice secret rotate --age age1new… secret.yaml', 'for this recipient only'],
      ]),
    )
    .action(async (files: string[], options: KeyOptions & RecipientOptions) => {
      const { rotatePath } = await import('../../sops/files/seal-path.ts')
      const keys = await keysFor(options, io)
      for (const file of files) {
        const recipients = await rotatePath(resolve(io.cwd, file), keys, {
          recipients: options.age,
          clock: systemClock,
        })
        print(io, `${io.out.good('✔')} ${printable(file)} sealed anew for ${recipients.join(', ')}`)
      }
    })
}

function registerKeygen(secret: Command, io: CliIo): void {
  addClusterOptions(secret.command('keygen'))
    .description('Make an age key: the secret half goes to a file or into the cluster, the public half is printed')
    .option('-o, --output <file>', 'new file for the secret half (mode 0600)')
    .option('--in-cluster <namespace/name>', 'new Secret for the secret half, as spec.decryption.secretRef wants it')
    .addHelpText(
      'after',
      examples([
        ['sluice secret keygen -o age.agekey', 'keep the file out of Git'],
        ['sluice secret keygen --in-cluster flux-system/sops-age', 'the key never leaves the cluster'],
      ]),
    )
    .action(async (options: ClusterOptions & { output?: string; inCluster?: string }) => {
      if (options.output === undefined && options.inCluster === undefined) {
        throw new SluiceError('E_USAGE', { expected: '-o FILE or --in-cluster NAMESPACE/NAME', seen: 'neither' })
      }
      const { generateIdentity } = await import('../../sops/index.ts')
      const { identity, recipient } = generateIdentity()
      const text = `# created: ${systemClock.now().toISOString()}\n# public key: ${recipient}\n${identity.reveal()}\n`
      if (options.output !== undefined) {
        const { writeNewFile } = await import('../../sops/files/new-file.ts')
        await writeNewFile(resolve(io.cwd, options.output), text)
        note(io, `secret half: ${options.output} (mode 0600); keep it out of Git and keep a copy`)
      }
      if (options.inCluster !== undefined) {
        const metadata = splitName(options.inCluster)
        const object = {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata,
          type: 'Opaque',
          stringData: { 'age.agekey': text },
        }
        await withCluster(options, io, ({ client }) =>
          client.create(object, { signal: io.signal, fieldManager: 'sluice' }),
        )
        note(io, `secret half: Secret/${options.inCluster}, key age.agekey`)
      }
      print(io, recipient)
    })
}

function recipientOption(command: Command): Command {
  return command.option(
    '--age <recipient>',
    'age recipient (age1…) instead of those of .sops.yaml; may be repeated',
    collect,
    [],
  )
}

function keyOptions(command: Command): Command {
  return addClusterOptions(command)
    .option(
      '--key <file>',
      'age key file; may be repeated (default: as sops: $SOPS_AGE_KEY, $SOPS_AGE_KEY_FILE, ~/.config/sops/age/keys.txt)',
      collect,
      [],
    )
    .option('--key-secret <namespace/name>', 'read the key from this Secret in the cluster')
}

async function keysFor(options: KeyOptions, io: CliIo): Promise<Keys> {
  const { findKeys } = await import('../../sops/files/find-keys.ts')
  if (options.keySecret === undefined) {
    return findKeys(
      options.key.map(file => resolve(io.cwd, file)),
      io.env,
    )
  }
  const { keysOf } = await import('../../engine/decrypt/keys.ts')
  const ref = { group: '', version: 'v1', kind: 'Secret', ...splitName(options.keySecret) }
  return keysOf(await withCluster(options, io, ({ client }) => client.get(ref, { signal: io.signal })))
}

function splitName(text: string): { namespace: string; name: string } {
  const [namespace = '', name = '', ...rest] = text.split('/')
  if (namespace === '' || name === '' || rest.length > 0) {
    throw new SluiceError('E_USAGE', { expected: 'NAMESPACE/NAME', seen: JSON.stringify(text) })
  }
  return { namespace, name }
}
