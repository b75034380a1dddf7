import { ChevronDown, ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import type { Fleet, FleetCluster, FleetGroup } from '../../../../src/server/contract/fleet.ts'
import { IconButton, LinkButton } from '../../ui/button.tsx'
import { Pair } from '../../ui/pair.tsx'
import { Revision } from '../../ui/revision.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import styles from './fleet.module.css'
import { GuardrailsCell } from './guardrails.tsx'
import { NodesPicture } from './nodes-picture.tsx'
import {
  clusterHealth,
  clusterHref,
  commitOf,
  freezeOf,
  groupHealth,
  type Health,
  sizeWords,
  specSize,
} from './words.ts'

/** A cluster, or a group below it. */
export interface FleetRow {
  readonly cluster: FleetCluster
  readonly group?: FleetGroup
}

export const rowKey = ({ cluster, group }: FleetRow): string =>
  `${cluster.namespace}/${cluster.name}${group === undefined ? '' : `/${group.name}`}`

/** Clusters with their groups below them. */
export function FleetTable({
  fleet,
  current,
  onOpen,
  mayScale,
}: {
  fleet: Fleet
  current: string | undefined
  onOpen: (row: FleetRow) => void
  mayScale: (cluster: FleetCluster) => boolean
}) {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const fold = (key: string): void => {
    const next = new Set(folded)
    if (!next.delete(key)) next.add(key)
    setFolded(next)
  }
  const rows = fleet.clusters.flatMap((cluster): FleetRow[] => [
    { cluster },
    ...(folded.has(rowKey({ cluster })) ? [] : cluster.groups.map(group => ({ cluster, group }))),
  ])
  const healthOf = ({ cluster, group }: FleetRow): Health =>
    group === undefined ? clusterHealth(cluster, fleet.git) : groupHealth(group, cluster, fleet.git)
  const columns: readonly Column<FleetRow>[] = [
    {
      id: 'name',
      header: 'Cluster and group',
      primary: true,
      width: '21%',
      cell: row =>
        row.group === undefined ? (
          <ClusterName cluster={row.cluster} folded={folded.has(rowKey(row))} onFold={() => fold(rowKey(row))} />
        ) : (
          <span className={styles.groupName}>{row.group.name}</span>
        ),
    },
    {
      id: 'pair',
      header: 'Git and cluster',
      width: '132px',
      cell: ({ group }) => group !== undefined && <Sizes group={group} known={fleet.git.state === 'ready'} />,
    },
    {
      id: 'ready',
      header: 'Ready',
      width: '160px',
      cell: ({ cluster, group }) => {
        const wanted = group === undefined ? cluster.wanted : (group.wanted ?? group.current)
        const { ready } = group ?? cluster
        if (group?.unseen || (group === undefined && cluster.groups.length > 0 && cluster.groups.every(g => g.unseen)))
          return <span className={styles.number}>–</span>
        return (
          <span className={group === undefined ? styles.sum : styles.counts}>
            <span className={styles.number}>
              {ready} / {wanted}
            </span>
            {group !== undefined && <NodesPicture ready={ready} current={group.current} wanted={wanted} />}
          </span>
        )
      },
    },
    {
      id: 'health',
      header: 'Health',
      width: '150px',
      cell: row => {
        const { state, words, cause } = healthOf(row)
        return (
          <span title={cause}>
            <StateBadge state={state}>{words}</StateBadge>
          </span>
        )
      },
    },
    ...(rows.some(({ group }) => group?.guardrails !== undefined)
      ? [
          {
            id: 'guardrails',
            header: 'Guardrails',
            width: '17%',
            from: 'wide',
            cell: ({ group }: FleetRow) => group !== undefined && <GuardrailsCell group={group} />,
          } as const,
        ]
      : []),
    { id: 'revision', header: 'Set by', cell: row => <SetBy row={row} /> },
    {
      id: 'scale',
      header: <span className="visually-hidden">Actions</span>,
      width: '84px',
      align: 'end',
      cell: row =>
        row.group?.git !== undefined &&
        mayScale(row.cluster) && (
          <LinkButton small kind="plain" to={`?open=${encodeURIComponent(rowKey(row))}`}>
            <span aria-hidden>{freezeOf(row.group) === undefined ? 'Scale' : 'Frozen'}</span>
            <span className="visually-hidden">
              Scale {row.cluster.name} {row.group.name}
              {freezeOf(row.group) !== undefined && `: ${freezeOf(row.group)?.broken}`}
            </span>
          </LinkButton>
        ),
    },
  ]
  return (
    <Table
      label="Clusters and node groups"
      columns={columns}
      rows={rows}
      rowKey={rowKey}
      onOpen={onOpen}
      {...(current === undefined ? {} : { current })}
      rowState={row => {
        const { state } = healthOf(row)
        return state === 'broken' || state === 'attention' ? state : undefined
      }}
    />
  )
}

function ClusterName({ cluster, folded, onFold }: { cluster: FleetCluster; folded: boolean; onFold: () => void }) {
  return (
    <span className={styles.clusterName}>
      <IconButton
        small
        icon={folded ? ChevronRight : ChevronDown}
        label={folded ? `Show the groups of ${cluster.name}` : `Hide the groups of ${cluster.name}`}
        aria-expanded={!folded}
        onClick={onFold}
      />
      <Link href={clusterHref(cluster)}>{cluster.name}</Link>
      <span className={styles.about}>
        {cluster.role === 'management' ? 'management' : ''}
        {cluster.role === 'management' && cluster.kubernetesVersion !== undefined && ' · '}
        {cluster.kubernetesVersion}
      </span>
    </span>
  )
}

function Sizes({ group, known }: { group: FleetGroup; known: boolean }) {
  const spec = specSize(group)
  const git = group.git?.size
  // What nobody has seen does not disagree.
  if (group.unseen) return <span className={styles.number}>{sizeWords(git)}</span>
  const agrees = !known || (git !== undefined && sizeWords(git) === sizeWords(spec))
  return <Pair git={known ? sizeWords(git) : '…'} cluster={sizeWords(spec)} agrees={agrees} />
}

function SetBy({ row: { cluster, group } }: { row: FleetRow }) {
  if (group === undefined) {
    const commit = commitOf(cluster.revision)
    return commit === undefined ? null : (
      <span className={styles.applied}>
        <Revision compact hash={commit} /> applied
      </span>
    )
  }
  const commit = group.git?.commit
  if (commit === undefined) return null
  const { sha, subject, author, date } = commit
  return (
    <Revision
      compact
      hash={sha}
      message={subject}
      author={author}
      at={date}
      to={`${clusterHref(cluster)}?tab=history`}
    />
  )
}
