import { SluiceError } from '../base/errors/index.ts'
import { valueAt } from '../base/json.ts'
import type { KubeObject } from '../kube/object.ts'
import { isSameRepository } from './sync-credential.ts'
import type { BootstrapContext } from './types.ts'

/** A cluster that follows something else is not taken over in passing. */
export function refuseOtherSync(
  { fleet, forge }: Pick<BootstrapContext, 'fleet' | 'forge'>,
  wanted: readonly KubeObject[],
  live: readonly (KubeObject | undefined)[],
): void {
  for (const [i, object] of wanted.entries()) {
    for (const path of [
      ['spec', 'url'],
      ['spec', 'ref', 'branch'],
      ['spec', 'path'],
    ]) {
      const want = valueAt(object, path)
      const have = valueAt(live[i], path)
      if (live[i] === undefined || want === undefined || have === undefined || want === have) continue
      if (path[1] === 'url' && isSameRepository(forge, String(want), String(have))) continue
      throw new SluiceError('E_BOOTSTRAP_SYNC_CONFLICT', {
        object: `${object.kind}/${fleet.namespace}/${object.metadata.name} ${path.join('.')}`,
        expected: String(want),
        seen: String(have),
      })
    }
  }
}
