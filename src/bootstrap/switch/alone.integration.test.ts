import { hostname } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBareCluster } from '../../../test/harness/bare-cluster.ts'
import { systemClock } from '../../base/clock.ts'
import { silentLogger } from '../../base/log.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { BootstrapContext } from '../types.ts'
import { aloneAtSwitch, switchLease } from './alone.ts'
import { leaseKind } from './wait.ts'

const namespace = 'flux-system'
const ref = { ...leaseKind, namespace, name: switchLease }

describe('two changes of the engine at once', () => {
  let cluster: Awaited<ReturnType<typeof startBareCluster>>
  let client: KubeClient
  let context: BootstrapContext
  beforeAll(async () => {
    cluster = await startBareCluster(namespace)
    client = cluster.client
    context = {
      ...{ client, clock: systemClock, logger: silentLogger, signal: AbortSignal.timeout(60_000) },
      fleet: { namespace },
    } as BootstrapContext
  })
  afterAll(async () => {
    await cluster.close()
  })

  it('are not made: the second names the first, and does nothing', async () => {
    let end = (): void => undefined
    let begun = (): void => undefined
    const started = new Promise<void>(resolve => {
      begun = resolve
    })
    const first = aloneAtSwitch(context, 'flux', async () => {
      begun()
      await new Promise<void>(resolve => {
        end = resolve
      })
      return 'changed'
    })
    await started
    let did = false
    const second = aloneAtSwitch(context, 'sluice', async () => {
      did = true
    })
    await expect(second).rejects.toMatchObject({
      code: 'E_ENGINE_SWITCH',
      facts: { seen: `one that is under way: to-flux ${hostname()} process ${process.pid}` },
    })
    expect(did).toBe(false)
    end()
    expect(await first).toBe('changed')
    expect(await client.find(ref)).toBeUndefined()
  })

  it('of which one was killed on this machine are one: the next begins at once', async () => {
    const renewTime = new Date().toISOString().replace('Z', '000Z')
    const holderIdentity = `to-flux ${hostname()} process 4194305 0123abcd`
    await client.create({
      ...{ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name: switchLease } },
      spec: { holderIdentity, leaseDurationSeconds: 100_000, renewTime },
    })
    expect(await aloneAtSwitch(context, 'sluice', async () => 'changed')).toBe('changed')
  })

  it('leave nothing behind when the work fails', async () => {
    const failing = aloneAtSwitch(context, 'flux', () => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    expect(await client.find(ref)).toBeUndefined()
  })
})
