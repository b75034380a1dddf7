import { Plus, Server, TriangleAlert } from 'lucide-react'
import { useLocation } from 'wouter'
import type { Fleet } from '../../../../src/server/contract/fleet.ts'
import { useResource } from '../../data/resource.ts'
import { useMay } from '../../data/session.tsx'
import { useDrawer } from '../../frame/drawer.tsx'
import { Page } from '../../frame/page.tsx'
import { GateNotice, useGate } from '../../gate/gate-notice.tsx'
import { LinkButton } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { TableSkeleton } from '../../ui/skeleton.tsx'
import { StateBadge } from '../../ui/state.tsx'
import styles from './fleet.module.css'
import { FleetTable, rowKey } from './fleet-table.tsx'
import { GroupDrawer } from './group-drawer.tsx'
import { GuardrailNotices } from './guardrails.tsx'
import { clusterHealth, clusterHref, fleetPlace } from './words.ts'

export const fleetTopics = ['fleet', 'repository', 'connections']

/** Every cluster and node group: what Git says, what there is, and who set it. */
export function FleetPage() {
  const { data, error, refetch } = useResource<Fleet>('/fleet', { topics: fleetTopics })
  const drawer = useDrawer()
  const may = useMay()
  const [, go] = useLocation()
  const gate = useGate(fleetPlace())
  const mayAdd = may('administrator', { project: '*', environment: '*' })
  const cluster = data?.clusters.find(one => drawer.shown?.startsWith(`${rowKey({ cluster: one })}/`))
  const group = cluster?.groups.find(one => rowKey({ cluster, group: one }) === drawer.shown)
  return (
    <Page
      title="Fleet"
      mark={data !== undefined && <Sum fleet={data} />}
      lead="Clusters and node groups. Each size is a line in Git; changing one is a commit."
      actions={
        mayAdd &&
        (data?.clusters.length ?? 0) > 0 && (
          <LinkButton icon={Plus} to="/fleet/add">
            Add a cluster
          </LinkButton>
        )
      }
    >
      <GateNotice gate={gate} />
      {data !== undefined && <Notices fleet={data} />}
      {data !== undefined && <GuardrailNotices fleet={data} />}
      {error !== null && data === undefined ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <TableSkeleton rows={8} label="Loading the fleet" />
      ) : data.clusters.length === 0 ? (
        <Nothing fleet={data} mayAdd={mayAdd} />
      ) : (
        <FleetTable
          fleet={data}
          current={drawer.shown}
          onOpen={row =>
            go(row.group === undefined ? clusterHref(row.cluster) : `/fleet?open=${encodeURIComponent(rowKey(row))}`)
          }
          mayScale={one => may('operator', { project: 'fleet', environment: one.name })}
        />
      )}
      {data !== undefined && cluster !== undefined && group !== undefined && (
        <GroupDrawer
          key={drawer.shown}
          cluster={cluster}
          group={group}
          git={data.git}
          onClose={() => go('/fleet', { replace: true })}
        />
      )}
    </Page>
  )
}

function Sum({ fleet }: { fleet: Fleet }) {
  if (fleet.clusters.length === 0) return null
  const states = fleet.clusters.map(cluster => clusterHealth(cluster, fleet.git).state)
  const bad = states.filter(state => state === 'broken' || state === 'attention').length
  const moving = states.filter(state => state === 'moving').length
  if (bad > 0)
    return (
      <StateBadge soft state={states.includes('broken') ? 'broken' : 'attention'}>
        {bad} of {states.length} need a look
      </StateBadge>
    )
  return (
    <StateBadge soft state={moving > 0 ? 'moving' : 'agreed'}>
      {moving > 0 ? `${moving} of ${states.length} moving` : 'In agreement with Git'}
    </StateBadge>
  )
}

/** What makes the page tell less than it could. */
export function Notices({ fleet }: { fleet: Pick<Fleet, 'trouble' | 'git'> }) {
  const { problem } = fleet.git
  // A gate that is closed has a banner of its own.
  const shown = problem?.code === 'E_GATE_CLOSED' ? undefined : problem
  return (
    <>
      {fleet.trouble !== undefined && (
        <div className={styles.banner} role="status">
          <TriangleAlert size={16} aria-hidden />
          <p>The cluster does not answer; what is shown may be old. {fleet.trouble}</p>
        </div>
      )}
      {shown !== undefined && (
        <div className={styles.banner} role="status">
          <TriangleAlert size={16} aria-hidden />
          <p>
            What Git says is not known: {shown.message} {shown.next}
          </p>
        </div>
      )}
    </>
  )
}

function Nothing({ fleet, mayAdd }: { fleet: Fleet; mayAdd: boolean }) {
  const add = mayAdd && (
    <LinkButton kind="primary" icon={Plus} to="/fleet/add">
      Add a cluster
    </LinkButton>
  )
  if (fleet.state === 'none') {
    return (
      <EmptyState icon={Server} title="This server has no management cluster" action={add}>
        Start it with <code>sluice serve --kubeconfig FILE</code>, and the clusters that it manages are listed here.
        {mayAdd && ' A cluster that a kubeconfig reaches can be brought under Git all the same.'}
      </EmptyState>
    )
  }
  if (fleet.state === 'connecting') {
    return (
      <EmptyState icon={Server} title="Waiting for the management cluster">
        It has not answered yet. {fleet.trouble}
      </EmptyState>
    )
  }
  return (
    <EmptyState icon={Server} title="No clusters to show" action={add}>
      {mayAdd
        ? 'None is under Git yet. Bring one in with its specs, or import a repository that EKS Anywhere or flux bootstrap made.'
        : 'Either none is under Git yet, or your roles reach none: the fleet is the project fleet, each cluster an environment of it.'}
    </EmptyState>
  )
}
