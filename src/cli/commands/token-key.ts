import type { Command } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { valueAt } from '../../base/json.ts'
import type { Forge } from '../../forges/types.ts'
import { redact } from '../../secrets/secret.ts'
import { connectCluster } from '../connect.ts'
import { type CliIo, note, print } from '../io.ts'
import { addClusterOptions, type ClusterOptions, type CommandContext, examples, timeoutOption } from './command.ts'
import { addForgeOptions, type ForgeOptions, openForge } from './forge-options.ts'
import { addKeyOptions, keyChoice, type SyncOptions } from './sync-options.ts'

interface RotateKeyOptions extends ClusterOptions, ForgeOptions, SyncOptions {
  readonly namespace: string
  readonly name: string
  readonly timeout: number
}

export function registerRotateKey(group: Command, { io }: CommandContext): void {
  addKeyOptions(addForgeOptions(addClusterOptions(group.command('rotate-key'))))
    .description('Replace the deploy key of a cluster: add and prove a new one, swap it, remove the old one')
    .option('-n, --namespace <name>', 'namespace of the source', 'flux-system')
    .option('--name <name>', 'name of the GitRepository', 'flux-system')
    .addOption(timeoutOption('5m', 'how long to wait for the source to be Ready'))
    .addHelpText(
      'after',
      examples([
        ['sluice token rotate-key', 'the key of flux-system'],
        ['sluice token rotate-key --name apps -n apps', 'of another source'],
      ]),
    )
    .action((options: RotateKeyOptions) => rotateKey(options, io))
}

async function rotateKey(options: RotateKeyOptions, io: CliIo): Promise<void> {
  const { deployKeyTitle } = await import('../../credentials/deploy-key.ts')
  const { gitRepositoryKind } = await import('../../fleet/read-fleet.ts')
  const { rotateDeployKey } = await import('../../fleet/rotate-deploy-key.ts')
  const { faultSeam } = await import('../../bootstrap/index.ts')
  const { client } = await connectCluster(options, io)
  let forge: Forge | undefined
  try {
    const { namespace, name } = options
    const source = await client.get({ ...gitRepositoryKind, namespace, name }, { signal: io.signal })
    const secret = valueAt(source, ['spec', 'secretRef', 'name'])
    if (typeof secret !== 'string')
      throw new SluiceError('E_ROTATE_NOTHING', { object: `GitRepository/${namespace}/${name}`, seen: 'no secretRef' })
    const url = valueAt(source, ['spec', 'url'])
    if (typeof url !== 'string' || !url.startsWith('ssh://'))
      throw new SluiceError('E_ROTATE_NOTHING', {
        object: `GitRepository/${namespace}/${name}`,
        expected: 'an ssh address, which is fetched with a deploy key',
        seen: typeof url === 'string' ? redact(url) : 'no address',
      })
    // Its host, not the usual one: a repository of the same name elsewhere is somebody else's.
    forge = await openForge(options, io, { url, by: 'cluster', api: true })
    const branch = valueAt(source, ['spec', 'ref', 'branch'])
    const title = deployKeyTitle({
      cluster: name,
      namespace,
      branch: typeof branch === 'string' ? branch : 'HEAD',
      path: secret,
    })
    const { added, removed } = await rotateDeployKey({
      forge,
      client,
      namespace,
      secret,
      key: keyChoice(options),
      title,
      readOnly: options.readWriteKey !== true,
      clock: systemClock,
      signal: io.signal,
      timeoutMs: options.timeout,
      onProgress: said => note(io, io.err.dim(said)),
      ...faultSeam(io.env),
    })
    print(
      io,
      `deploy key ${added} added and proven; ${removed.length} old ${removed.length === 1 ? 'key' : 'keys'} removed`,
    )
  } finally {
    await forge?.close()
    await client.close()
  }
}
