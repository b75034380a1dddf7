import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/base/clock.ts'
import { readFleetSpecs } from '../src/bootstrap/index.ts'
import { findFleetSync } from '../src/fleet/find-sync.ts'
import { followCommit } from '../src/fleet/follow.ts'
import { watchFleet } from '../src/fleet/informers.ts'
import { setCount } from '../src/fleet/set-count.ts'
import { clusterPaths } from '../src/layout/index.ts'
import { bootstrapLocal } from '../src/local/bootstrap-local.ts'
import { cloneAsPerson } from '../src/local/git-person.ts'
import { startLocal } from '../src/local/start-local.ts'
import { percentile } from './stats.ts'
import type { Benchmark } from './types.ts'

/** Pushes by real git to the example fleet; times run from the moment at which the Git host had taken the push. */
export const pushBench: Benchmark = {
  name: 'push',
  about: 'push → fetched, applied, Ready over 50 pushes of one count (machines without boot time)',
  async run({ note, scale, signal }) {
    const dataDir = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
    const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-clone-'))
    const specs = 'examples/eks-anywhere'
    const names = (await readdir(specs)).filter(name => name.endsWith('.yaml')).sort()
    const fleet = readFleetSpecs(
      await Promise.all(names.map(async name => ({ path: name, text: await readFile(join(specs, name), 'utf8') }))),
    )
    let pushedAt = 0
    const logger = { debug() {}, info() {}, warn: note, error: note }
    const system = await startLocal({
      dataDir,
      organization: fleet.owner,
      signal,
      logger,
      machineReadyAfterMs: 0,
      onPush: () => (pushedAt = performance.now()),
    })
    try {
      const report = await bootstrapLocal(system, { fleet, dataDir, signal, timeoutMs: 60_000 })
      if (report.error) throw report.error
      const sync = await findFleetSync(system.client, signal)
      const watch = await watchFleet(system.client, signal)
      const checkout = await cloneAsPerson({
        url: sync.url,
        token: system.token,
        user: system.state.user,
        branch: sync.branch,
        folder,
        signal,
      })
      const path = clusterPaths(sync.path, 'prod').spec
      const samples: { fetched: number; applied: number; ready: number; push: number }[] = []
      const rounds = Math.max(4, Math.round(50 * scale))
      for (let i = 0; i < rounds; i++) {
        const count = i % 2 === 0 ? 4 : 3
        const change = setCount(await checkout.read(path), 'prod', 'web', count)
        await checkout.write(path, change.text)
        const commit = await checkout.commit(`Scale prod web to ${count}`)
        const targets = [{ namespace: 'default', cluster: 'prod', group: 'web', count }]
        const following = followCommit({
          informers: watch.informers,
          sync,
          commit,
          targets,
          clock: systemClock,
          timeoutMs: 30_000,
          signal,
        })
        following.catch(() => {})
        const before = performance.now()
        await checkout.push()
        const push = performance.now() - before
        const reached = await following
        samples.push({
          fetched: reached.fetchedAt - pushedAt,
          applied: reached.appliedAt - pushedAt,
          ready: reached.readyAt - pushedAt,
          push,
        })
      }
      watch.stop()
      const figure = (name: string, pick: (sample: (typeof samples)[number]) => number, share: number) => ({
        name: `${name} p${share * 100}`,
        value: percentile(samples.map(pick), share),
        unit: 'ms' as const,
      })
      return [0.5, 0.95].flatMap(share => [
        figure('git push itself', one => one.push, share),
        figure('push → fetched', one => one.fetched, share),
        figure('push → applied', one => one.applied, share),
        figure('push → Ready', one => one.ready, share),
      ])
    } finally {
      await system.close()
      await rm(dataDir, { recursive: true, force: true })
      await rm(folder, { recursive: true, force: true })
    }
  },
}
