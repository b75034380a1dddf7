import { randomBytes } from 'node:crypto'
import { clip } from '../engine/status/conditions.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { type EksctlCluster, eksctlClusterKind } from '../specs/index.ts'
import type { GroupState, GroupStatus } from './plan-group.ts'

/** Something that happened to a cluster's groups, for people who follow along. */
export interface GroupEvent {
  readonly type: 'Normal' | 'Warning'
  /** `GroupUpdating`, `GroupInSync`, …, or the reason of a failure of the whole. */
  readonly reason: string
  readonly message: string
}

const warnings: readonly GroupState[] = ['Failed', 'Refused', 'Missing', 'Drifted']

/** One event for each group that is in another state than before, or in the same for another reason. */
export function groupEvents(before: readonly GroupStatus[], after: readonly GroupStatus[]): GroupEvent[] {
  const events: GroupEvent[] = []
  for (const group of after) {
    const old = before.find(one => one.name === group.name && one.kind === group.kind)
    if (old?.state === group.state && old.message === group.message) continue
    // A group that was in line from the first look on is no news.
    if (old === undefined && group.state === 'InSync') continue
    const text = group.message ?? group.drift ?? sizeText(group)
    events.push({
      type: warnings.includes(group.state) ? 'Warning' : 'Normal',
      reason: `Group${group.state}`,
      message: `${group.name}: ${text}`,
    })
  }
  for (const old of before) {
    if (old.state === 'Deleting' && !after.some(one => one.name === old.name && one.kind === old.kind))
      events.push({ type: 'Normal', reason: 'GroupDeleted', message: `${old.name}: it is gone` })
  }
  return events
}

function sizeText({ live }: GroupStatus): string {
  return live ? `min ${live.min}, max ${live.max}, desired ${live.desired}` : ''
}

/** Writes an event to the cluster. Rejects when the server does not take it, which its caller may ignore. */
export async function writeEvent(
  client: KubeClient,
  about: EksctlCluster,
  event: GroupEvent,
  now: Date,
): Promise<void> {
  const { name = '', namespace = '', uid } = about.metadata
  const time = `${now.toISOString().slice(0, 19)}Z`
  await client.create(
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name.slice(0, 200)}.${randomBytes(8).toString('hex')}`, namespace },
      involvedObject: {
        apiVersion: eksctlClusterKind.apiVersion,
        kind: eksctlClusterKind.kind,
        namespace,
        name,
        ...(uid === undefined ? {} : { uid }),
      },
      reason: event.reason,
      message: clip(event.message, 1024),
      type: event.type,
      source: { component: 'sluice' },
      reportingComponent: 'sluice',
      reportingInstance: '',
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    },
    { timeoutMs: 5000 },
  )
}
