import { KeyRound } from 'lucide-react'
import { useEffect } from 'react'
import type { ServerHealth } from '../../../../src/server/contract/activity.ts'
import type { ConnectionView, SomeConnection } from '../../../../src/server/contract/connections.ts'
import { useResource } from '../../data/resource.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Section } from '../../ui/section.tsx'
import { TableSkeleton, TextSkeleton } from '../../ui/skeleton.tsx'
import { type State, StateBadge } from '../../ui/state.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import styles from './activity.module.css'

const connectionStates: Readonly<Record<ConnectionView['state'], { readonly state: State; readonly word: string }>> = {
  proven: { state: 'agreed', word: 'Proven' },
  attention: { state: 'attention', word: 'Attention' },
  broken: { state: 'broken', word: 'Broken' },
  unproven: { state: 'paused', word: 'Not proven' },
}

/** Told to administrators alone. */
const endOf = (one: SomeConnection): string | undefined => ('proof' in one ? one.proof?.expiresAt : undefined)

const isWhole = (one: SomeConnection): boolean => 'settings' in one

const columns: readonly Column<SomeConnection>[] = [
  { id: 'name', header: 'Connection', primary: true, width: '20%', cell: one => one.name },
  {
    id: 'host',
    header: 'Host',
    width: '26%',
    cell: one => <code className={styles.code}>{one.host}</code>,
    from: 'medium',
  },
  {
    id: 'state',
    header: 'State',
    width: '130px',
    cell: one => <StateBadge state={connectionStates[one.state].state}>{connectionStates[one.state].word}</StateBadge>,
  },
  { id: 'reason', header: 'Because', cell: one => <span title={one.reason}>{one.reason}</span> },
  {
    id: 'ends',
    header: 'Token ends',
    width: '120px',
    align: 'end',
    from: 'medium',
    cell: one => {
      const end = endOf(one)
      if (end !== undefined) return <RelativeTime at={end} />
      return (
        <span className={styles.quiet} title="The host does not say, or it has no end">
          –
        </span>
      )
    },
    sort: one => {
      const end = endOf(one)
      return end === undefined ? undefined : Date.parse(end)
    },
  },
  {
    id: 'proven',
    header: 'Proven',
    width: '120px',
    align: 'end',
    cell: one => (one.provenAt === undefined ? 'never' : <RelativeTime at={one.provenAt} />),
  },
]

const words: Readonly<Record<ServerHealth['parts'][number]['state'], string>> = {
  agreed: 'Works',
  attention: 'Attention',
  broken: 'Broken',
  paused: 'Not used',
}

const refreshMs = 15_000

/** Whether tokens, connections and the parts of the server work. */
export function Health({ server }: { server: boolean }) {
  const connections = useResource<{ connections: SomeConnection[] }>('/connections', { topics: ['connections'] })
  return (
    <div className={styles.stack}>
      <Section
        title="Connections and their tokens"
        lead="Each is proven again and again; what is found shows here at once."
      >
        {connections.error !== null && connections.data === undefined ? (
          <ErrorPanel error={connections.error} onRetry={() => void connections.refetch()} />
        ) : connections.data === undefined ? (
          <TableSkeleton rows={2} label="Loading connections" />
        ) : (
          <Table
            label="Connections"
            columns={columns.filter(one => one.id !== 'ends' || connections.data.connections.some(isWhole))}
            rows={connections.data.connections}
            rowKey={one => one.id}
            rowState={one => (one.state === 'broken' ? 'broken' : one.state === 'attention' ? 'attention' : undefined)}
            empty={
              <EmptyState icon={KeyRound} title="No connection to a Git host">
                Nothing deploys until one is proven, under Global configuration.
              </EmptyState>
            }
          />
        )}
      </Section>
      {server && <Parts />}
    </div>
  )
}

function Parts() {
  const { data, error, refetch } = useResource<ServerHealth>('/activity/health')
  // A part that fails tells nobody: it is looked at while somebody looks.
  useEffect(() => {
    const timer = setInterval(() => document.hidden || void refetch(), refreshMs)
    return () => clearInterval(timer)
  }, [refetch])
  return (
    <Section title="Server">
      {error !== null && data === undefined ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <TextSkeleton lines={5} label="Loading the server's health" />
      ) : (
        <ul className={styles.parts}>
          {data.parts.map(part => (
            <li key={part.id}>
              <span className={styles.part}>{part.title}</span>
              <StateBadge state={part.state}>{words[part.state]}</StateBadge>
              <span className={styles.what}>
                {part.what}
                {part.detail !== undefined && <span className={styles.quiet}> {part.detail}</span>}
              </span>
            </li>
          ))}
          <li>
            <span className={styles.part}>Servers</span>
            <StateBadge state="agreed">
              {data.servers.length === 1 ? 'One' : `${data.servers.length} share the work`}
            </StateBadge>
            <span className={styles.what}>
              Sluice {data.version}, Node {data.node}
              <span className={styles.quiet}>
                {' '}
                this one since <RelativeTime at={data.startedAt} />, {data.tabs} {data.tabs === 1 ? 'tab' : 'tabs'} open
              </span>
            </span>
          </li>
        </ul>
      )}
    </Section>
  )
}
