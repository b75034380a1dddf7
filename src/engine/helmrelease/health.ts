import { formatRef, refOf } from '../../kube/identity.ts'
import { HealthRules } from '../health/expressions.ts'
import type { Attempt, Wanted } from './attempt.ts'
import { objectsOf } from './manifest.ts'
import { timeoutOf } from './settings.ts'
import type { StoredRelease } from './storage/release.ts'
import { setReleaseStatus } from './storage/set-status.ts'

/**
 * What `spec.healthCheckExprs` say after a release: helm knows nothing of them, so custom kinds are waited for here, with
 * the timeout of the action. A release that does not get there is stored as failed, as helm would have stored it.
 */
export async function healthError(
  attempt: Attempt,
  { client }: Wanted,
  action: 'install' | 'upgrade',
  stored: readonly StoredRelease[],
): Promise<{ readonly message: string; readonly release: StoredRelease } | undefined> {
  const { object, work, context } = attempt
  const expressions = object.spec.healthCheckExprs ?? []
  const release = stored.find(({ status }) => status === 'deployed')
  if (expressions.length === 0 || object.spec.waitStrategy?.name === 'legacy' || release === undefined) return undefined
  const rules = new HealthRules(expressions)
  const { signal } = work
  const { clock } = context.engine
  const refs = (await objectsOf(release, client, signal)).filter(one => rules.judge(one) !== undefined).map(refOf)
  const deadline = clock.monotonic() + timeoutOf(object, action)
  const open = await work.park(async () => {
    for (let wait = 50; ; wait = Math.min(2000, wait * 2)) {
      const unhealthy: string[] = []
      let failed = false
      for (const ref of refs) {
        const live = await client.find(ref, { signal })
        const health = live && rules.judge(live)
        if (health?.status === 'Current') continue
        failed ||= health?.status === 'Failed'
        unhealthy.push(`${formatRef(ref)} status: '${health?.status ?? 'NotFound'}'`)
      }
      if (unhealthy.length === 0 || failed || clock.monotonic() > deadline) return unhealthy
      await clock.sleep(wait, signal)
    }
  })
  if (open.length === 0) return undefined
  const message = `resources not ready: [${open.join(', ')}]`
  const name = action === 'install' ? 'Release' : 'Upgrade'
  const description = `${name} "${release.name}" failed: ${message}`
  const failed = await setReleaseStatus(attempt.storage(client), release.version, 'failed', description, signal)
  return { message, release: failed ?? release }
}
