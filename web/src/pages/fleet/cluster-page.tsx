import { useParams, useSearchParams } from 'wouter'
import type { ClusterDetails, Fleet } from '../../../../src/server/contract/fleet.ts'
import { useResource } from '../../data/resource.ts'
import { useMay } from '../../data/session.tsx'
import { useDrawer } from '../../frame/drawer.tsx'
import { Page } from '../../frame/page.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { TableSkeleton } from '../../ui/skeleton.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { Age, RelativeTime } from '../../ui/time.tsx'
import { ClusterEvents } from './cluster-events.tsx'
import { ClusterFileTab } from './cluster-file.tsx'
import { ClusterHistory } from './cluster-history.tsx'
import styles from './fleet.module.css'
import { fleetTopics, Notices } from './fleet-page.tsx'
import { FleetTable, rowKey } from './fleet-table.tsx'
import { GroupDrawer } from './group-drawer.tsx'
import { GuardrailNotices } from './guardrails.tsx'
import { clusterApi, clusterHealth } from './words.ts'

type Node = ClusterDetails['nodes'][number]
type Condition = ClusterDetails['conditions'][number]

/** One cluster: groups, machines, conditions, events, who changed its sizes, and its file in Git. */
export function ClusterPage() {
  const params = useParams<{ namespace: string; name: string }>()
  const at = { namespace: decodeURIComponent(params.namespace ?? ''), name: decodeURIComponent(params.name ?? '') }
  const [search, setSearch] = useSearchParams()
  const topics = search.get('tab') === 'events' ? [...fleetTopics, 'reconciliation'] : fleetTopics
  const details = useResource<ClusterDetails>(clusterApi(at), { topics })
  const fleet = useResource<Fleet>('/fleet', { topics: fleetTopics }).data
  const drawer = useDrawer()
  const may = useMay()
  const { data, error } = details
  const cluster = data?.cluster
  const crumbs = [{ title: 'Fleet', to: '/fleet' }, { title: at.name }]
  if (error !== null && data === undefined) {
    return (
      <Page title={at.name} crumbs={crumbs}>
        <ErrorPanel error={error} onRetry={() => void details.refetch()} />
      </Page>
    )
  }
  if (data === undefined || cluster === undefined || fleet === undefined) {
    return (
      <Page title={at.name} crumbs={crumbs}>
        <TableSkeleton label="Loading the cluster" />
      </Page>
    )
  }
  const health = clusterHealth(cluster, fleet.git)
  const group = cluster.groups.find(one => rowKey({ cluster, group: one }) === drawer.shown)
  const operator = may('operator', { project: 'fleet', environment: cluster.name })
  const tab = search.get('tab') ?? 'groups'
  return (
    <Page
      title={cluster.name}
      crumbs={crumbs}
      mark={<StateBadge state={health.state}>{health.words}</StateBadge>}
      lead={[
        cluster.role === 'management' ? 'Management cluster' : 'Workload cluster',
        cluster.kubernetesVersion === undefined ? undefined : `Kubernetes ${cluster.kubernetesVersion}`,
        `namespace ${cluster.namespace}`,
      ]
        .filter(Boolean)
        .join(' · ')}
    >
      <Notices fleet={fleet} />
      <GuardrailNotices fleet={{ clusters: [cluster], git: fleet.git }} />
      {health.cause !== undefined && <p className={styles.cause}>{health.cause}</p>}
      <Tabs
        label={`Views of ${cluster.name}`}
        value={tab}
        onChange={id =>
          setSearch(before => {
            const next = new URLSearchParams(before)
            next.set('tab', id)
            next.delete('open')
            next.delete('job')
            return next
          })
        }
        tabs={[
          {
            id: 'groups',
            title: 'Groups',
            content: (
              <FleetTable
                fleet={{ ...fleet, clusters: [cluster] }}
                current={drawer.shown}
                onOpen={row => row.group !== undefined && setSearch({ open: rowKey(row) })}
                mayScale={() => operator}
              />
            ),
          },
          { id: 'nodes', title: 'Machines', mark: data.nodes.length, content: <Nodes nodes={data.nodes} /> },
          { id: 'conditions', title: 'Conditions', content: <Conditions conditions={data.conditions} /> },
          { id: 'events', title: 'Events', content: <ClusterEvents events={data.events} /> },
          {
            id: 'history',
            title: 'History',
            content: <ClusterHistory cluster={cluster} tip={fleet.git.tip} operator={operator} />,
          },
          {
            id: 'file',
            title: 'File in Git',
            content: <ClusterFileTab cluster={cluster} tip={fleet.git.tip} operator={operator} />,
          },
        ]}
      />
      {group !== undefined && (
        <GroupDrawer
          key={drawer.shown}
          cluster={cluster}
          group={group}
          git={fleet.git}
          onClose={() =>
            setSearch(
              before => {
                const next = new URLSearchParams(before)
                next.delete('open')
                next.delete('job')
                return next
              },
              { replace: true },
            )
          }
        />
      )}
    </Page>
  )
}

const nodeColumns: readonly Column<Node>[] = [
  {
    id: 'name',
    header: 'Machine',
    primary: true,
    width: '30%',
    cell: node => <code>{node.name}</code>,
    sort: node => node.name,
  },
  { id: 'group', header: 'Group', width: '16%', cell: node => node.group ?? '–', sort: node => node.group },
  {
    id: 'state',
    header: 'State',
    cell: node => (
      <StateBadge state={!node.ready ? 'moving' : node.schedulable ? 'agreed' : 'paused'}>
        {!node.ready ? (node.message ?? 'Not Ready') : node.schedulable ? 'Ready' : 'Ready, takes no new pods'}
      </StateBadge>
    ),
    sort: node => (node.ready ? 1 : 0),
  },
  { id: 'version', header: 'Kubelet', width: '120px', cell: node => node.version ?? '–', sort: node => node.version },
  {
    id: 'age',
    header: 'Age',
    width: '100px',
    align: 'end',
    cell: node => node.createdAt !== undefined && <Age since={node.createdAt} />,
    sort: node => (node.createdAt === undefined ? undefined : Date.parse(node.createdAt)),
  },
]

function Nodes({ nodes }: { nodes: readonly Node[] }) {
  return (
    <Table
      label="Machines"
      columns={nodeColumns}
      rows={nodes}
      rowKey={node => node.name}
      empty={<EmptyState title="No machines">The management cluster has no Node of this cluster.</EmptyState>}
    />
  )
}

const conditionColumns: readonly Column<Condition>[] = [
  { id: 'type', header: 'Condition', primary: true, width: '26%', cell: one => one.type, sort: one => one.type },
  {
    id: 'status',
    header: 'Status',
    width: '140px',
    cell: one => (
      <StateBadge state={one.status === 'True' ? 'agreed' : one.status === 'False' ? 'attention' : 'moving'}>
        {one.status}
      </StateBadge>
    ),
    sort: one => one.status,
  },
  { id: 'message', header: 'Message', cell: one => one.message ?? one.reason ?? '–' },
  {
    id: 'since',
    header: 'Since',
    width: '120px',
    align: 'end',
    cell: one => one.since !== undefined && <RelativeTime at={one.since} />,
  },
]

function Conditions({ conditions }: { conditions: readonly Condition[] }) {
  return (
    <Table
      label="Conditions"
      columns={conditionColumns}
      rows={conditions}
      rowKey={one => one.type}
      empty={<EmptyState title="No conditions">The cluster has not reported any status yet.</EmptyState>}
    />
  )
}
