import { fluxKinds } from '../../fleet/flux-kinds.ts'
import type { ClusterRow, NodeGroupRow } from '../../fleet/types.ts'
import type { KubeObject } from '../../kube/object.ts'
import { withCluster } from '../connect.ts'
import type { CliIo } from '../io.ts'
import { formatAge } from '../output/age.ts'
import { type ListView, printData, printList } from '../output/result.ts'
import { shortRevision } from '../output/revision.ts'
import {
  addClusterOptions,
  type ClusterOptions,
  examples,
  type OutputFormat,
  outputOption,
  type RegisterCommand,
} from './command.ts'
import { fluxView, kustomizationView, sourceView } from './flux-views.ts'
import { credentialRows, credentialRowView, warnOfExpiry } from './get-credentials.ts'

interface GetOptions extends ClusterOptions {
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
  }
  add('clusters', 'cluster', 'Clusters: what Git wants and what is there', async options => {
    const rows = await fleet(options, io)
    printList(io, rows, clusterView(io), options.output)
  })
  add('nodegroups', 'nodegroup', 'Node groups with wanted and ready counts', async options => {
    const rows = (await fleet(options, io)).flatMap(cluster => cluster.groups)
    printList(io, rows, nodeGroupView(io), options.output)
  })
  add('sources', 'source', 'Git repositories that the cluster follows', async options => {
    printList(io, await objects(options, io, 'sources'), sourceView(io), options.output)
    await warnOfExpiry(options, io)
  })
  add('credentials', 'credential', 'Credentials of sources and of the store, with their ends', async options => {
    const rows = await credentialRows(options, io)
    printList(io, rows, credentialRowView(io), options.output)
    await warnOfExpiry(options, io, rows)
  })
  add('kustomizations', 'ks', 'Kustomizations and the revision that each applied', async options => {
    printList(io, await objects(options, io, 'kustomizations'), kustomizationView(io), options.output)
  })
  for (const kind of otherKinds) {
    add(kind.plural, kind.words[0] ?? kind.kind.toLowerCase(), `${kind.kind} objects`, async options => {
      const { listIfKnown } = await import('../../fleet/read-fleet.ts')
      const found = await withCluster(options, io, ({ client }) => listIfKnown(client, kind, io.signal))
      const { namespace } = options
      const rows = namespace === undefined ? found : found.filter(one => one.metadata.namespace === namespace)
      printList(io, rows, fluxView(io, kind), options.output)
    })
  }
  add('all', undefined, 'Clusters, node groups, Git repositories and Kustomizations', options => getAll(options, io))
}

async function fleet(options: GetOptions, io: CliIo): Promise<ClusterRow[]> {
  const { readFleet } = await import('../../fleet/read-fleet.ts')
  const rows = await withCluster(options, io, ({ client }) => readFleet(client, io.signal))
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
  if (output === 'json' || output === 'yaml') return printData(io, { clusters, sources, kustomizations }, output)
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
}

function clusterView(io: CliIo): ListView<ClusterRow> {
  const now = new Date()
  const paint = (text: string, row: ClusterRow) =>
    row.health === 'Ready'
      ? io.out.good(text)
      : row.health === 'Failed'
        ? io.out.bad(text)
        : row.health === 'Moving'
          ? io.out.moving(text)
          : io.out.attention(text)
  return {
    empty: 'No clusters in the fleet. `sluice bootstrap -f FILE` brings the first one in.',
    name: row => `cluster/${row.name}`,
    columns: [
      { header: 'NAMESPACE', value: row => row.namespace, wide: true },
      { header: 'NAME', value: row => row.name },
      { header: 'ROLE', value: row => row.role },
      { header: 'VERSION', value: row => row.kubernetesVersion },
      { header: 'NODES', value: row => `${row.ready}/${row.wanted}` },
      { header: 'HEALTH', value: row => (row.paused ? `${row.health} (paused)` : row.health), paint },
      { header: 'REVISION', value: row => shortRevision(row.revision) },
      { header: 'AGE', value: row => formatAge(row.created, now) },
      { header: 'MESSAGE', value: row => row.message ?? '-' },
    ],
  }
}

function nodeGroupView(io: CliIo): ListView<NodeGroupRow> {
  return {
    empty: 'No node groups.',
    name: row => `nodegroup/${row.cluster}/${row.name}`,
    columns: [
      { header: 'NAMESPACE', value: row => row.namespace, wide: true },
      { header: 'CLUSTER', value: row => row.cluster },
      { header: 'GROUP', value: row => row.name },
      {
        header: 'WANTED',
        value: row => (row.autoscaling ? `${row.autoscaling.min}-${row.autoscaling.max}` : row.wanted),
      },
      { header: 'CURRENT', value: row => row.current },
      {
        header: 'READY',
        value: row => row.ready,
        paint: (text, row) => (isSettled(row) ? io.out.good(text) : io.out.moving(text)),
      },
      { header: 'AUTOSCALED', value: row => (row.autoscaling ? 'yes' : 'no') },
      { header: 'DRIFT', value: row => row.drift ?? '-' },
    ],
  }
}

function isSettled(row: NodeGroupRow): boolean {
  if (row.ready !== row.current) return false
  return row.autoscaling
    ? row.current >= row.autoscaling.min && row.current <= row.autoscaling.max
    : row.current === row.wanted
}
