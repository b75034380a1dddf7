import { relative, resolve } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Fleet } from '../../bootstrap/fleet-input.ts'
import type { BootstrapReport } from '../../bootstrap/types.ts'
import type { LocalSystem } from '../../local/start-local.ts'
import type { RunningServer } from '../../server/index.ts'
import { openEngineLog } from '../engine-log.ts'
import { examplesFolder } from '../examples-folder.ts'
import { type CliIo, note, print } from '../io.ts'
import { bootstrapReporter } from '../output/bootstrap.ts'
import { clockTime, eventLine, formatMs } from '../output/engine-event.ts'
import { shortRevision } from '../output/revision.ts'
import { renderTable } from '../output/table.ts'
import { stderrLogger, untilStopped } from '../process.ts'
import { webFolder } from '../web-folder.ts'
import { dataOption, examples, type RegisterCommand, timeoutOption } from './command.ts'
import { readSpecFiles } from './spec-files.ts'

interface UpOptions {
  readonly data: string
  readonly filename?: readonly string[]
  readonly timeout: number
}

export const registerUp: RegisterCommand = (program, { io }) => {
  program
    .command('up')
    .description('Start the sandbox with a fleet that follows Git, and show what happens until stopped')
    .option('-f, --filename <file...>', 'spec files or folders of them (default: examples/eks-anywhere)')
    .addOption(dataOption())
    .addOption(timeoutOption('5m', 'how long to wait for Ready'))
    .addHelpText(
      'after',
      examples([
        ['sluice up', 'the example fleet'],
        ['sluice up -f my-specs/ --data .sluice-mine', 'your own specs, in a folder of their own'],
      ]),
    )
    .action((options: UpOptions) => up(options, io))
}

async function up(options: UpOptions, io: CliIo): Promise<void> {
  const { readFleetSpecs } = await import('../../bootstrap/index.ts')
  const { startLocal } = await import('../../local/start-local.ts')
  const { keepHeapSmall } = await import('../../sandbox/index.ts')
  keepHeapSmall()
  const { bootstrapLocal } = await import('../../local/bootstrap-local.ts')
  const dataDir = resolve(io.cwd, options.data)
  const fleet = readFleetSpecs(await readSpecFiles(options.filename ?? [examplesFolder()], io))
  for (const warning of fleet.warnings) note(io, `${io.err.attention('warning')} ${warning}`)
  const log = openEngineLog(dataDir, io)
  const started = performance.now()
  let live = false
  note(io, `${io.err.moving('►')} start the sandbox in ${shown(dataDir, io)}`)
  let closeServer: (() => Promise<void>) | undefined
  const system = await startLocal({
    dataDir,
    organization: fleet.owner,
    systemNamespace: fleet.namespace,
    signal: io.signal,
    logger: log.logger,
    onEngineEvent: event => {
      log.event(event)
      if (live) print(io, eventLine(event, io.out))
    },
    onPush: push =>
      live &&
      print(
        io,
        `${io.out.dim(clockTime(new Date()))} ${io.out.moving('▲')} ${io.out.bold(push.repository)} ${push.pusher} pushed ${push.commit.slice(0, 7)} to ${push.ref.replace('refs/heads/', '')}`,
      ),
  })
  try {
    note(
      io,
      `${io.err.good('✔')} start the sandbox: Git host ${system.forge.url}, API server ${system.cluster.url} ${io.err.dim(formatMs(performance.now() - started))}`,
    )
    const report = await bootstrapLocal(system, {
      fleet,
      dataDir,
      signal: io.signal,
      timeoutMs: options.timeout,
      logger: stderrLogger(io),
      onEvent: bootstrapReporter(io),
    })
    if (report.error) throw report.error
    const server = await startConsole(system, dataDir, log.logger)
    closeServer = () => server.close()
    await connectForge(server, system, fleet, io)
    print(io, await summary(system, report, server, dataDir, io))
    live = true
    const stopFollowing = await followMachines(system, io)
    await untilStopped(io)
    stopFollowing()
    note(io, '\nstopping; `npm start` goes on where this ends')
  } finally {
    await closeServer?.()
    await system.close()
    log.close()
  }
}

/** The console and its API, on a port that stays. */
async function startConsole(system: LocalSystem, dataDir: string, logger: Logger): Promise<RunningServer> {
  const { startServer } = await import('../../server/index.ts')
  const { dataPaths } = await import('../../local/state.ts')
  return startServer({
    dataDir: dataPaths(dataDir).server,
    host: '127.0.0.1',
    port: system.state.serverPort ?? 0,
    client: system.client,
    webDir: webFolder(),
    clock: systemClock,
    logger,
  })
}

/** A first-time user finds the sandbox's Git host connected, and proven as anybody's would be. */
async function connectForge(
  server: RunningServer,
  { forge, token }: LocalSystem,
  { owner, personal, repository, branch }: Fleet,
  io: CliIo,
): Promise<void> {
  const { connectFirst } = await import('../../server/index.ts')
  const settings = {
    owner,
    personal,
    repository,
    branch,
    repositoryTemplate: '{app}',
    visibility: 'private',
    review: 'auto',
  } as const
  const draft = { name: 'Sandbox', kind: 'github', host: forge.url, settings } as const
  await connectFirst(server.context, draft, { kind: 'token', token }, io.signal).catch((error: unknown) => {
    io.signal.throwIfAborted()
    note(io, `${io.err.attention('warning')} the console could not be connected to the Git host: ${String(error)}`)
  })
}

async function summary(
  system: LocalSystem,
  report: BootstrapReport,
  server: RunningServer,
  dataDir: string,
  io: CliIo,
): Promise<string> {
  const { readFleet } = await import('../../fleet/read-fleet.ts')
  const rows = await readFleet(system.client, io.signal)
  const nodes = rows.reduce((sum, row) => sum + row.ready, 0)
  const { bold, dim } = io.out
  const kubeconfig = shown(system.kubeconfigPath, io)
  const data = shown(dataDir, io)
  const extra = data === '.sluice' ? '' : ` --data ${data}`
  // Whole paths: git runs the helper from wherever the clone is.
  const helper = `${resolve(examplesFolder(), '../..', 'sluice')} credential --data ${dataDir}`
  // A workload cluster by preference: it is what people scale.
  const scalable = [...rows]
    .sort((a, b) => (a.role === b.role ? 0 : a.role === 'workload' ? -1 : 1))
    .flatMap(row => row.groups.map(group => ({ row, group })))
    .find(({ group }) => group.wanted !== undefined && group.name !== 'control-plane')
  const scale = scalable
    ? `./sluice scale ${scalable.row.name} ${scalable.group.name}=${(scalable.group.wanted ?? 0) + 2}${extra}`
    : undefined
  const next = [
    [`git clone -c credential.helper='${helper}' ${report.repository.url}`, 'then edit a count, commit, git push'],
    ...(scale ? [[scale, 'the same as one command']] : []),
    [`./sluice get all${extra}`, 'what Git wants, what is there'],
    [`kubectl --kubeconfig ${kubeconfig} get nodes`, 'any Kubernetes client works'],
  ] as [string, string][]
  return [
    '',
    renderTable(rows, [
      { header: 'CLUSTER', value: row => row.name },
      { header: 'ROLE', value: row => row.role },
      { header: 'GROUPS', value: row => row.groups.map(group => `${group.name}=${group.current}`).join(' ') },
      { header: 'NODES', value: row => `${row.ready}/${row.wanted}` },
      {
        header: 'HEALTH',
        value: row => row.health,
        paint: (text, row) => (row.health === 'Ready' ? io.out.good(text) : io.out.attention(text)),
      },
      { header: 'REVISION', value: row => shortRevision(row.revision) },
    ]),
    `${bold('Made')}  ${counted(rows.length, 'cluster')} with ${counted(nodes, 'node')}, from Git`,
    `  console      ${server.url}${server.setupUrl === undefined ? '' : dim(' (set the administrator with the link below)')}`,
    `  Git host     ${report.repository.url} (private, branch ${report.repository.branch}, folder ${report.repository.path})`,
    `  API server   ${system.cluster.url}`,
    `  kubeconfig   ${kubeconfig}`,
    `  token        ${shown(`${dataDir}/github.env`, io)} ${dim('(mode 0600)')}`,
    '',
    ...(server.setupUrl === undefined
      ? []
      : [bold('Set the administrator'), `  ${server.setupUrl}`, `      ${dim('works once, for 24 hours')}`, '']),
    bold('Try next'),
    ...next.map(([command, meaning]) => `  ${command}\n      ${dim(meaning)}`),
    '',
    dim('Ctrl-C stops. What happens from here on:'),
  ].join('\n')
}

/** Prints a line when a cluster's machines have come to what its spec wants. */
async function followMachines(system: LocalSystem, io: CliIo): Promise<() => void> {
  const { watchFleet } = await import('../../fleet/informers.ts')
  const { fleetView } = await import('../../fleet/view.ts')
  const watch = await watchFleet(system.client, io.signal)
  const { clusters, nodes, kustomizations } = watch.informers
  const last = new Map<string, string>()
  const look = (quiet: boolean) => {
    for (const row of fleetView({
      clusters: clusters.list(),
      nodes: nodes.list(),
      kustomizations: kustomizations.list(),
    })) {
      const state = `${row.health} ${row.ready}/${row.wanted} ${row.groups.map(group => `${group.name}=${group.ready}`).join(' ')}`
      if (last.get(row.name) === state) continue
      last.set(row.name, state)
      if (quiet) continue
      const mark =
        row.health === 'Ready' ? io.out.good('●') : row.health === 'Failed' ? io.out.bad('✗') : io.out.moving('◌')
      const message = row.message ? `: ${row.message}` : ''
      print(
        io,
        `${io.out.dim(clockTime(new Date()))} ${mark} ${io.out.bold(`Cluster/${row.name}`)} ${row.ready}/${row.wanted} nodes Ready${message}`,
      )
    }
  }
  look(true)
  for (const informer of [clusters, nodes]) informer.subscribe(() => look(false))
  return watch.stop
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function shown(path: string, io: CliIo): string {
  const short = relative(io.cwd, path)
  return short === '' || short.startsWith('..') ? path : short
}
