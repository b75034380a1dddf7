import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { formatDuration, parseDuration } from '../../base/duration.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { FleetSync } from '../../fleet/find-sync.ts'
import type { FleetRepository } from '../../fleet/repository-remote.ts'
import type { MoveContext } from '../../gitops/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { withCluster } from '../connect.ts'
import { type CliIo, note, print } from '../io.ts'
import { renderSteps, stepReporter } from '../output/gitops.ts'
import { printData } from '../output/result.ts'
import { reviewReporter } from '../output/review.ts'
import { stderrLogger } from '../process.ts'
import {
  addClusterOptions,
  type ClusterOptions,
  examples,
  type OutputFormat,
  outputOption,
  type RegisterCommand,
  timeoutOption,
} from './command.ts'
import { addForgeOptions, type ForgeOptions, openForge } from './forge-options.ts'
import { namedRepository } from './import.ts'
import { addSyncOptions, chooseSync, type SyncOptions } from './sync-options.ts'
import { addWriteOptions, readWriteOptions, type WriteOptions } from './write-options.ts'

interface MoveOptions extends ClusterOptions, ForgeOptions, SyncOptions, WriteOptions {
  readonly toBranch?: string
  readonly toPath?: string
  readonly toRepository?: string
  readonly toHost?: string
  readonly toProvider?: string
  readonly toTokenFile?: string
  readonly toCredential?: string
  readonly interval?: string
  readonly syncInterval?: string
  readonly note: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly output?: OutputFormat
  readonly timeout: number
}

export const registerGitOpsMove: RegisterCommand = (group, { io }) => {
  addSyncOptions(addWriteOptions(addForgeOptions(addClusterOptions(group.command('move')))))
    .description('Follow another branch, folder, repository or Git host, or another way; nothing that runs is touched')
    .option('--to-branch <name>', 'follow this branch; it is made from the one that is followed')
    .option('--to-path <folder>', 'follow this folder; the fleet is moved there')
    .option('--to-repository <owner/name>', 'follow this repository; it is made, and all branches and tags are carried')
    .option('--to-host <host>', 'on this Git host (default: the host that is followed)')
    .option('--to-provider <kind>', 'what that host runs (default: known by the host, or asked from it)')
    .option('--to-token-file <file>', 'file with the token for that host')
    .option('--to-credential <name>', 'entry of the sealed store for that host')
    .option('--interval <duration>', 'how often the repository is looked at', goDuration)
    .option('--sync-interval <duration>', 'how often everything is applied again', goDuration)
    .option('--no-note', 'leave no file MOVED.md in the old repository')
    .option('--dry-run', 'print the plan with every file and object, and change nothing')
    .option('-y, --yes', 'do not ask')
    .addOption(outputOption('json'))
    .addOption(timeoutOption('10m', 'how long to wait until the cluster follows'))
    .addHelpText(
      'after',
      `\nOther options name the repository that is followed now. Ended anywhere and run again, it goes on.\n${examples([
        ['sluice gitops move --to-branch production --dry-run', 'see every step first'],
        ['sluice gitops move --to-path fleets/mgmt', 'another clusterConfigPath'],
        ['sluice gitops move --to-repository acme/platform-fleet', 'another repository on the same host'],
        [
          'sluice gitops move --to-host gitlab.com --to-repository acme/fleet --to-token-file gitlab.txt',
          'from GitHub to GitLab, with all history',
        ],
        ['sluice gitops move --to-repository acme/renamed', 'a repository that was renamed: what is there is followed'],
        ['sluice gitops move --interval 30s', 'look more often'],
        ['sluice gitops move --token-auth=false', 'a deploy key in place of the token'],
      ])}`,
    )
    .action((options: MoveOptions) => move(options, io))
}

async function move(options: MoveOptions, io: CliIo): Promise<void> {
  const { applyMove, planMove } = await import('../../gitops/index.ts')
  const { faultSeam } = await import('../../bootstrap/index.ts')
  const { defaultAuthor } = await import('../../forges/changes/index.ts')
  const { findFleetSync } = await import('../../fleet/find-sync.ts')
  const { openMirror } = await import('../../git/index.ts')
  const { withEngineBeside } = await import('../../local/engine-beside.ts')
  refuseEmpty(options)
  const write = await readWriteOptions(options, io)
  await withCluster(options, io, async ({ client, dataDir }) => {
    const live = await findFleetSync(client, io.signal)
    const { old, target, isOther } = await placesOf(options, client, live, io)
    const parent = join(dataDir, 'mirrors')
    await mkdir(parent, { recursive: true })
    const dir = await mkdtemp(join(parent, 'move-'))
    const mirror = await openMirror(dir)
    try {
      const { login } = await target.forge.identify(io.signal)
      const logger = stderrLogger(io)
      const { toBranch, toPath, interval, syncInterval } = options
      const dryRun = options.dryRun === true
      const context: MoveContext = {
        client,
        dataDir,
        mirror,
        old,
        target,
        isOtherRepository: isOther,
        wish: {
          ...(toBranch === undefined ? {} : { branch: toBranch }),
          ...(toPath === undefined ? {} : { path: toPath }),
          ...(interval === undefined ? {} : { interval }),
          ...(syncInterval === undefined ? {} : { syncInterval }),
        },
        ...(isOther || options.tokenAuth !== undefined
          ? { sync: await chooseSync(options, { ...fleetAt(target, live), client, dryRun }, io) }
          : {}),
        note: options.note,
        review: write.review,
        reviewTimeoutMs: write.reviewTimeoutMs,
        onReview: reviewReporter(io, target.forge, '  '),
        author: write.author ?? defaultAuthor(login, target.forge.host),
        committer: write.committer,
        signer: write.signer,
        clock: systemClock,
        logger,
        signal: io.signal,
        timeoutMs: options.timeout,
        ...faultSeam(io.env),
      }
      const json = options.output === 'json'
      if (dryRun || !(options.yes || json || !io.stdin.isTTY)) {
        const plan = await planMove(context)
        if (json) printData(io, { dryRun: true, steps: plan }, 'json')
        else print(io, renderSteps(plan, io.out))
        const blocked = plan.find(step => step.problem)
        if (blocked?.problem) throw blocked.problem
        if (dryRun) return
        const { confirm } = await import('../confirm.ts')
        if (!(await confirm(io, 'Carry this plan out?'))) return note(io, 'nothing was changed')
      }
      const beside = { client, dataDir, namespace: live.namespace, clock: systemClock, logger, signal: io.signal }
      const { result: report } = await withEngineBeside(beside, () =>
        applyMove({ ...context, onEvent: stepReporter(io) }),
      )
      if (json) printData(io, report, 'json')
      else if (report.error)
        print(io, `${io.out.bad('The move stopped.')} Run the same command again: it goes on here.`)
      else print(io, `${io.out.good('✔')} the cluster follows ${whereOf(target, context, live)}`)
      if (report.error) throw report.error
    } finally {
      mirror.close()
      await rm(dir, { recursive: true, force: true })
      await old?.forge.close()
      if (old?.forge !== target.forge) await target.forge.close()
    }
  })
}

function refuseEmpty(options: MoveOptions): void {
  const { toBranch, toPath, toRepository, toHost, interval, syncInterval, tokenAuth } = options
  const wishes = [toBranch, toPath, toRepository, toHost, interval, syncInterval, tokenAuth]
  if (wishes.every(one => one === undefined)) throw new SluiceError('E_GITOPS_NOTHING_TO_CHANGE')
}

/** The repository that is followed, as far as somebody has a credential for it, and the one to follow. */
async function placesOf(
  options: MoveOptions,
  client: KubeClient,
  live: FleetSync,
  io: CliIo,
): Promise<{ readonly old: FleetRepository | undefined; readonly target: FleetRepository; readonly isOther: boolean }> {
  const { fleetRepository, repositoryOn } = await import('../../fleet/repository-remote.ts')
  const goesElsewhere = options.toRepository !== undefined || options.toHost !== undefined
  const url = await urlBefore(client, live, io)
  const open = async () => {
    const forge = await openForge(options, io, { url, by: 'cluster' })
    return fleetRepository(forge, url)
  }
  const old = await open().catch((error: unknown) => {
    // A host that is no more, or whose token is: what stands at the new place is looked at then.
    if (!goesElsewhere || options.toHost === undefined || !(error instanceof SluiceError)) throw error
    note(io, `${io.err.attention('warning')} ${url} cannot be asked: ${error.message}`)
    return undefined
  })
  const target = goesElsewhere ? await targetOf(options, old, live, io) : old
  if (!target) throw new SluiceError('E_INTERNAL', { object: 'gitops move', seen: 'no target' })
  const isLive = (() => {
    try {
      const { owner, name } = repositoryOn(target.forge, live.url)
      return owner.toLowerCase() === target.owner.toLowerCase() && name === target.name
    } catch {
      return false
    }
  })()
  return { old, target, isOther: !isLive }
}

/** The address that was followed before a move that was ended when the cluster had switched already. */
async function urlBefore(client: KubeClient, live: FleetSync, io: CliIo): Promise<string> {
  const { movedFromAnnotation, movingSecret } = await import('../../gitops/index.ts')
  const ref = { group: '', version: 'v1', kind: 'Secret', namespace: live.namespace, name: movingSecret }
  const secret = await client.find(ref, { signal: io.signal })
  return secret?.metadata.annotations?.[movedFromAnnotation] ?? live.url
}

async function targetOf(
  options: MoveOptions,
  old: FleetRepository | undefined,
  live: FleetSync,
  io: CliIo,
): Promise<FleetRepository> {
  const { namesIn } = await import('../../forges/index.ts')
  const { toHost, toRepository, toProvider, toTokenFile, toCredential } = options
  if (toHost === undefined && old && !toRepository?.includes(':')) {
    const { owner, name } = namesIn({ path: toRepository ?? '' })
    if (name === '' || (owner === '' && old.forge.kind !== 'git'))
      throw new SluiceError('E_USAGE', { object: '--to-repository', expected: 'OWNER/NAME', seen: toRepository ?? '' })
    return { forge: old.forge, owner, name, remote: old.forge.remote(owner, name) }
  }
  const { host: _, provider: __, tokenFile: ___, credential: ____, tokenStdin: _____, username, ...rest } = options
  const there: ForgeOptions = {
    ...rest,
    ...(username === undefined ? {} : { username }),
    ...(toHost === undefined ? {} : { host: toHost }),
    ...(toProvider === undefined ? {} : { provider: toProvider }),
    ...(toTokenFile === undefined ? {} : { tokenFile: toTokenFile }),
    ...(toCredential === undefined ? {} : { credential: toCredential }),
  }
  const name =
    toRepository ?? (old ? `${old.owner}/${old.name}` : new URL(live.url).pathname.replace(/^\/|\.git$/g, ''))
  return (await namedRepository(name, there, io)).repository
}

function fleetAt({ forge, owner, name }: FleetRepository, live: FleetSync) {
  const fleet = {
    owner,
    personal: false,
    repository: name,
    branch: live.branch,
    path: live.path,
    namespace: live.namespace,
    management: live.namespace,
    clusters: [],
    warnings: [],
  }
  return { forge, fleet }
}

function whereOf({ owner, name, remote }: FleetRepository, { wish }: MoveContext, live: FleetSync): string {
  const path = wish.path ?? live.path
  return `${owner === '' ? remote.url : `${owner}/${name}`}, branch ${wish.branch ?? live.branch}, ${path === '' ? 'the root' : path}`
}

/** A duration in Go's form, as Flux writes it. */
function goDuration(text: string): string {
  const ms = parseDuration(text)
  if (ms === undefined || ms < 1000)
    throw new InvalidArgumentError('Expected a duration of a second or more, such as 30s, 5m or 1h.')
  return formatDuration(ms)
}
