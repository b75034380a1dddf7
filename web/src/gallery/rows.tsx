import { Boxes } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Pair } from '../ui/pair.tsx'
import { Revision } from '../ui/revision.tsx'
import { TableSkeleton } from '../ui/skeleton.tsx'
import { type State, StateBadge, stateOrder } from '../ui/state.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { Age } from '../ui/time.tsx'

interface Group {
  readonly cluster: string
  readonly name: string
  readonly git: number
  readonly has: number
  readonly state: State
  readonly says?: string
  readonly hash: string
  readonly message: string
  readonly since: number
}

const groups: readonly Group[] = [
  {
    cluster: 'prod-eu',
    name: 'md-0',
    git: 5,
    has: 3,
    state: 'moving',
    says: '3 of 5 ready',
    hash: '3f2a91c07b',
    message: 'Scale md-0 of prod-eu to 5',
    since: 4,
  },
  {
    cluster: 'prod-eu',
    name: 'gpu-a100',
    git: 2,
    has: 2,
    state: 'agreed',
    hash: 'b19e02d4fa',
    message: 'Add the GPU group',
    since: 4400,
  },
  {
    cluster: 'prod-us',
    name: 'md-0',
    git: 4,
    has: 4,
    state: 'broken',
    says: 'Node not ready',
    hash: 'b19e02d4fa',
    message: 'Take prod-us to Kubernetes 1.31',
    since: 95,
  },
  {
    cluster: 'staging',
    name: 'md-0',
    git: 2,
    has: 3,
    state: 'attention',
    says: 'Changed by hand',
    hash: '77c01ad9e2',
    message: 'Halve staging over the holidays',
    since: 1800,
  },
  {
    cluster: 'lab-frankfurt-bare-metal',
    name: 'md-long-name-of-a-node-group',
    git: 1,
    has: 1,
    state: 'paused',
    hash: '77c01ad9e2',
    message: 'Pause the lab',
    since: 90000,
  },
]

const columns: readonly Column<Group>[] = [
  { id: 'name', header: 'Node group', primary: true, cell: r => r.name, sort: r => r.name, width: '20%' },
  { id: 'cluster', header: 'Cluster', cell: r => r.cluster, sort: r => r.cluster, width: '18%' },
  {
    id: 'state',
    header: 'State',
    cell: r => <StateBadge state={r.state}>{r.says}</StateBadge>,
    sort: r => stateOrder.indexOf(r.state),
    width: '160px',
  },
  {
    id: 'count',
    header: 'Git / ready',
    align: 'end',
    cell: r => <Pair git={r.git} cluster={r.has} agrees={r.git === r.has} />,
    sort: r => r.git,
    width: '112px',
  },
  {
    id: 'revision',
    header: 'Revision',
    cell: r => <Revision hash={r.hash} message={r.message} to="/x" compact />,
    from: 'medium',
  },
  {
    id: 'age',
    header: 'Since',
    align: 'end',
    cell: r => <Age since={Date.now() - r.since * 60_000} />,
    sort: r => r.since,
    width: '96px',
  },
]

const many = Array.from(
  { length: 3000 },
  (_, i): Group => ({ ...groups[i % groups.length]!, name: `object-${i + 1}`, since: i }),
)

export function Rows() {
  const [tab, setTab] = useState('few')
  const [open, setOpen] = useState<string>()
  const key = (r: Group): string => `${r.cluster}/${r.name}`
  return (
    <Tabs
      label="Tables"
      value={tab}
      onChange={setTab}
      tabs={[
        {
          id: 'few',
          title: 'Node groups',
          mark: groups.length,
          content: (
            <Table
              label="Node groups"
              columns={columns}
              rows={groups}
              rowKey={key}
              rowState={r => r.state}
              initialSort={{ column: 'state', descending: false }}
              current={open}
              onOpen={r => setOpen(key(r))}
            />
          ),
        },
        {
          id: 'many',
          title: 'Many',
          mark: '3,000',
          content: (
            <Table
              label="Objects"
              columns={columns}
              rows={many}
              rowKey={key}
              rowState={r => r.state}
              onOpen={r => setOpen(key(r))}
              current={open}
            />
          ),
        },
        {
          id: 'none',
          title: 'None',
          content: (
            <EmptyState icon={Boxes} title="No clusters yet" action={<Button kind="primary">Import a cluster</Button>}>
              <p>
                A cluster is here once its spec is in Git. None is: bootstrap a new one, or import one that runs
                already.
              </p>
            </EmptyState>
          ),
        },
        { id: 'loading', title: 'Loading', content: <TableSkeleton rows={5} /> },
      ]}
    />
  )
}
