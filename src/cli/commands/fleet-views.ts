import type { ClusterRow, GitSize, NodeGroupRow } from '../../fleet/types.ts'
import { formatSize } from '../../specs/guardrails/check-change.ts'
import type { CliIo } from '../io.ts'
import { formatAge } from '../output/age.ts'
import type { ListView } from '../output/result.ts'
import { shortRevision } from '../output/revision.ts'

/** The columns of clusters; with what Git says when that was asked. */
export function clusterView(io: CliIo, git = false): ListView<ClusterRow> {
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
      ...(git ? [{ header: 'GIT', value: (row: ClusterRow) => gitTotal(row) }] : []),
      { header: 'NODES', value: row => `${row.ready}/${row.wanted}` },
      { header: 'HEALTH', value: row => (row.paused ? `${row.health} (paused)` : row.health), paint },
      { header: 'REVISION', value: row => shortRevision(row.revision) },
      ...(git
        ? [
            { header: 'SET BY', value: (row: ClusterRow) => lastSet(row)?.author ?? '-' },
            { header: 'SET', value: (row: ClusterRow) => formatAge(lastSet(row)?.date, now) },
            { header: 'COMMIT', value: (row: ClusterRow) => lastSet(row)?.commit?.slice(0, 7) ?? '-', wide: true },
          ]
        : []),
      { header: 'DRIFT', value: row => driftOf(row), wide: !git },
      {
        header: 'AUTOSCALED',
        value: row =>
          row.groups
            .flatMap(({ name, autoscaling }) => (autoscaling ? [`${name} ${formatSize(autoscaling)}`] : []))
            .join(', ') || '-',
        wide: true,
      },
      { header: 'AGE', value: row => formatAge(row.created, now) },
      { header: 'MESSAGE', value: row => row.message ?? '-' },
    ],
  }
}

/** The columns of node groups; with what Git says when that was asked. */
export function nodeGroupView(io: CliIo, git = false): ListView<NodeGroupRow> {
  return {
    empty: 'No node groups.',
    name: row => `nodegroup/${row.cluster}/${row.name}`,
    columns: [
      { header: 'NAMESPACE', value: row => row.namespace, wide: true },
      { header: 'CLUSTER', value: row => row.cluster },
      { header: 'GROUP', value: row => row.name },
      ...(git ? [{ header: 'GIT', value: (row: NodeGroupRow) => (row.git ? formatSize(row.git.size) : '-') }] : []),
      {
        header: 'WANTED',
        value: row => (row.autoscaling ? `${row.autoscaling.min}..${row.autoscaling.max}` : row.wanted),
      },
      { header: 'CURRENT', value: row => row.current },
      {
        header: 'READY',
        value: row => row.ready,
        paint: (text, row) => (isSettled(row) ? io.out.good(text) : io.out.moving(text)),
      },
      { header: 'AUTOSCALED', value: row => (row.autoscaling ? 'yes' : 'no') },
      ...(git
        ? [
            { header: 'SET BY', value: (row: NodeGroupRow) => row.git?.author ?? '-' },
            { header: 'SET', value: (row: NodeGroupRow) => formatAge(row.git?.date, new Date()) },
            { header: 'COMMIT', value: (row: NodeGroupRow) => row.git?.commit?.slice(0, 7) ?? '-' },
            { header: 'SUBJECT', value: (row: NodeGroupRow) => row.git?.subject ?? '-', wide: true },
          ]
        : []),
      { header: 'DRIFT', value: row => row.drift ?? '-' },
    ],
  }
}

/** The count of nodes that Git wants; groups of the autoscaler with their bounds. */
function gitTotal({ groups }: ClusterRow): string {
  const sizes = groups.flatMap(({ git }) => (git ? [git.size] : []))
  if (sizes.length === 0) return '-'
  const least = sizes.reduce<number>((sum, size) => sum + (typeof size === 'number' ? size : size.min), 0)
  const most = sizes.reduce<number>((sum, size) => sum + (typeof size === 'number' ? size : size.max), 0)
  return least === most ? String(least) : formatSize({ min: least, max: most })
}

function lastSet({ groups }: ClusterRow): GitSize | undefined {
  const time = (one: GitSize) => Date.parse(one.date ?? '') || 0
  return groups.flatMap(({ git }) => (git?.commit === undefined ? [] : [git])).sort((a, b) => time(b) - time(a))[0]
}

function driftOf({ groups }: ClusterRow): string {
  return groups.flatMap(({ name, drift }) => (drift === undefined ? [] : [`${name}: ${drift}`])).join('; ') || '-'
}

function isSettled(row: NodeGroupRow): boolean {
  if (row.ready !== row.current) return false
  return row.autoscaling
    ? row.current >= row.autoscaling.min && row.current <= row.autoscaling.max
    : row.current === row.wanted
}
