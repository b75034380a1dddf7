import { fluxKinds } from '../../fleet/flux-kinds.ts'
import type { ClusterRow } from '../../fleet/types.ts'
import type { KubeObject } from '../../kube/object.ts'
import { withCluster } from '../connect.ts'
import type { CliIo } from '../io.ts'
import { printData, printList } from '../output/result.ts'
import {
  addClusterOptions,
  type ClusterOptions,
  examples,
  type OutputFormat,
  outputOption,
  type RegisterCommand,
} from './command.ts'
import { openFleetForge } from './fleet-forge.ts'
import { clusterView, nodeGroupView } from './fleet-views.ts'
import { fluxView, kustomizationView, sourceView } from './flux-views.ts'
import { addForgeOptions, type ForgeOptions } from './forge-options.ts'
import { credentialRows, credentialRowView, warnOfExpiry } from './get-credentials.ts'
import { warnOfStanding } from './warn-standing.ts'

interface GetOptions extends ClusterOptions, Omit<Partial<ForgeOptions>, 'data'> {
  readonly git?: boolean
  readonly output?: OutputFormat
  readonly namespace?: string
}

/** Kinds that are listed in the common form. */
const otherKinds = fluxKinds.filter(({ kind }) => kind !== 'GitRepository' && kind !== 'Kustomization')

export const registerGet: RegisterCommand = (program, { io }) => {
  const get = program.command('get').description('Show clusters, node groups, sources and Kustomizations')
  const add = (
    name: string,
    alias: string | undefined,
    description: string,
    show: (options: GetOptions) => Promise<void>,
    git = false,
  ) => {
    const command = addClusterOptions(get.command(name).description(description))
      .option('-n, --namespace <name>', 'only this namespace')
      .addOption(outputOption('json', 'yaml', 'name', 'wide'))
      .addHelpText(
        'after',
        examples([
          [`sluice get ${name}`, description.toLowerCase()],
          [`sluice get ${name} -o json`, 'the same for programs'],
        ]),
      )
      .action(async (options: GetOptions) => show(options))
    if (alias) command.alias(alias)
    if (git)
      addForgeOptions(command).option('--git', 'read the tip of the repository, too: who set each size, and when')
  }
  const showClusters = async (options: GetOptions) => {
    const rows = await fleet(options, io)
    printList(io, rows, clusterView(io, options.git), options.output)
  }
  const showGroups = async (options: GetOptions) => {
    const rows = (await fleet(options, io)).flatMap(cluster => cluster.groups)
    printList(io, rows, nodeGroupView(io, options.git), options.output)
  }
  add('clusters', 'cluster', 'Clusters: what Git wants and what is there', showClusters, true)
  add('nodegroups', 'nodegroup', 'Node groups with wanted and ready counts', showGroups, true)
  add('sources', 'source', 'Git repositories that the cluster follows', async options => {
    printList(io, await objects(options, io, 'sources'), sourceView(io), options.output)
    await warnOfExpiry(options, io)
    await warnOfStanding(options, io)
  })
  add('credentials', 'credential', 'Credentials of sources and of the store, with their ends', async options => {
    const rows = await credentialRows(options, io)
    printList(io, rows, credentialRowView(io), options.output)
    await warnOfExpiry(options, io, rows)
  })
  add('kustomizations', 'ks', 'Kustomizations and the revision that each applied', async options => {
    printList(io, await objects(options, io, 'kustomizations'), kustomizationView(io), options.output)
    await warnOfStanding(options, io)
  })
  for (const kind of otherKinds) {
    add(kind.plural, kind.words[0] ?? kind.kind.toLowerCase(), `${kind.kind} objects`, async options => {
      const { listIfKnown } = await import('../../fleet/read-fleet.ts')
      const found = await withCluster(options, io, ({ client }) => listIfKnown(client, kind, io.signal))
      const { namespace } = options
      const rows = namespace === undefined ? found : found.filter(one => one.metadata.namespace === namespace)
      printList(io, rows, fluxView(io, kind), options.output)
      await warnOfStanding(options, io)
    })
  }
  add('all', undefined, 'Clusters, node groups, Git repositories and Kustomizations', options => getAll(options, io))
}

async function fleet(options: GetOptions, io: CliIo): Promise<ClusterRow[]> {
  const { readFleet } = await import('../../fleet/read-fleet.ts')
  const rows = await withCluster(options, io, async ({ client, dataDir }) => {
    const found = await readFleet(client, io.signal)
    if (!options.git) return found
    const { withGitSizes } = await import('../../fleet/git-sizes.ts')
    const { fleetRepository } = await import('../../fleet/repository-remote.ts')
    const forge = await openFleetForge(options as ForgeOptions, client, io)
    const repositoryFor = (url: string) => fleetRepository(forge, url)
    return withGitSizes(found, { client, repositoryFor, dataDir, signal: io.signal })
  })
  return options.namespace === undefined ? rows : rows.filter(row => row.namespace === options.namespace)
}

async function objects(options: GetOptions, io: CliIo, what: 'sources' | 'kustomizations'): Promise<KubeObject[]> {
  const { gitRepositoryKind, kustomizationKind, listIfKnown } = await import('../../fleet/read-fleet.ts')
  const kind = what === 'sources' ? gitRepositoryKind : kustomizationKind
  const found = await withCluster(options, io, ({ client }) => listIfKnown(client, kind, io.signal))
  return options.namespace === undefined ? found : found.filter(one => one.metadata.namespace === options.namespace)
}

async function getAll(options: GetOptions, io: CliIo): Promise<void> {
  const [clusters, sources, kustomizations] = await Promise.all([
    fleet(options, io),
    objects(options, io, 'sources'),
    objects(options, io, 'kustomizations'),
  ])
  const { output } = options
  if (output === 'json' || output === 'yaml') {
    printData(io, { clusters, sources, kustomizations }, output)
    return warnOfStanding(options, io)
  }
  printList(io, clusters, clusterView(io), output)
  if (output !== 'name') io.stdout.write('\n')
  printList(
    io,
    clusters.flatMap(cluster => cluster.groups),
    nodeGroupView(io),
    output,
  )
  if (output !== 'name') io.stdout.write('\n')
  printList(io, sources, sourceView(io), output)
  if (output !== 'name') io.stdout.write('\n')
  printList(io, kustomizations, kustomizationView(io), output)
  await warnOfExpiry(options, io)
  await warnOfStanding(options, io)
}
