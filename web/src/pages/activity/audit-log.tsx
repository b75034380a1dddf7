import { ScrollText } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useSearchParams } from 'wouter'
import type { AuditEntry, AuditPage } from '../../../../src/server/contract/audit.ts'
import { useResource } from '../../data/resource.ts'
import { Drawer, useDrawer } from '../../frame/drawer.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { TextInput } from '../../ui/inputs.tsx'
import { Revision } from '../../ui/revision.tsx'
import { Facts } from '../../ui/section.tsx'
import { TableSkeleton } from '../../ui/skeleton.tsx'
import { type State, StateBadge } from '../../ui/state.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { ExactTime, RelativeTime } from '../../ui/time.tsx'
import styles from './activity.module.css'

const outcomes: Readonly<Record<AuditEntry['outcome'], { readonly state: State; readonly word: string }>> = {
  started: { state: 'moving', word: 'Started' },
  done: { state: 'agreed', word: 'Done' },
  refused: { state: 'attention', word: 'Refused' },
  failed: { state: 'broken', word: 'Failed' },
}

const columns: readonly Column<AuditEntry>[] = [
  { id: 'who', header: 'Who', primary: true, width: '18%', cell: one => one.who },
  { id: 'action', header: 'Action', width: '210px', cell: one => <code className={styles.code}>{one.action}</code> },
  { id: 'object', header: 'Object', cell: one => <span title={one.object}>{one.object}</span> },
  {
    id: 'place',
    header: 'Project',
    width: '130px',
    from: 'wide',
    cell: placeWords,
  },
  {
    id: 'commit',
    header: 'Commit',
    width: '100px',
    from: 'medium',
    cell: one => one.commit !== undefined && <Revision hash={one.commit} compact />,
  },
  {
    id: 'outcome',
    header: 'Outcome',
    width: '120px',
    cell: one => <StateBadge state={outcomes[one.outcome].state}>{outcomes[one.outcome].word}</StateBadge>,
  },
  { id: 'at', header: 'When', width: '120px', align: 'end', cell: one => <RelativeTime at={one.at} /> },
]

/** `shop in staging`; `everywhere` for what concerns every project. */
function placeWords({ project = '', environment = '' }: Pick<AuditEntry, 'project' | 'environment'>): string {
  const [where, within] = [project === '*' ? '' : project, environment === '*' ? '' : environment]
  if (where !== '' && within !== '') return `${where} in ${within}`
  return where || within || (project === '*' ? 'everywhere' : '')
}

const filters = [
  { id: 'who', label: 'Who' },
  { id: 'action', label: 'Action' },
  { id: 'object', label: 'Object' },
  { id: 'project', label: 'Project' },
] as const

/** Who did what: only ever added to. */
export function AuditLog() {
  const [params, setParams] = useSearchParams()
  const [before, setBefore] = useState<readonly number[]>([])
  const drawer = useDrawer()
  const query = Object.fromEntries(filters.map(({ id }) => [id, params.get(id) ?? undefined]))
  const { data, error, refetch } = useResource<AuditPage>('/audit', {
    topics: ['audit'],
    query: { ...query, limit: 50, before: before.at(-1) },
  })
  const open = data?.entries.find(one => String(one.id) === drawer.shown)
  const filtered = Object.values(query).some(value => value !== undefined)
  const set = (name: string, value: string): void => {
    setBefore([])
    setParams(
      old => {
        const next = new URLSearchParams(old)
        if (value === '') next.delete(name)
        else next.set(name, value)
        return next
      },
      { replace: true },
    )
  }
  return (
    <div className={styles.stack}>
      <div className={styles.filters}>
        {filters.map(({ id, label }) => (
          <Filter key={id} label={label} value={params.get(id) ?? ''} onChange={value => set(id, value)} />
        ))}
      </div>
      {error !== null && data === undefined ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <TableSkeleton label="Loading the audit log" rows={10} />
      ) : (
        <>
          <Table
            label="Audit log"
            columns={columns}
            rows={data.entries}
            rowKey={one => String(one.id)}
            {...(drawer.shown === undefined ? {} : { current: drawer.shown })}
            onOpen={one => drawer.show(String(one.id))}
            empty={
              <EmptyState icon={ScrollText} title={filtered ? 'No entry is like that' : 'Nothing has been done yet'}>
                {filtered
                  ? 'The filters match whole words: a name as it is signed in with, an action as it is written here.'
                  : 'Each change that somebody makes here, and each that is refused, leaves an entry.'}
              </EmptyState>
            }
          />
          <div className={styles.pages}>
            <Button small disabled={before.length === 0} onClick={() => setBefore(before.slice(0, -1))}>
              Newer
            </Button>
            <Button
              small
              disabled={data.next === undefined}
              onClick={() => data.next !== undefined && setBefore([...before, data.next])}
            >
              Older
            </Button>
          </div>
        </>
      )}
      {open !== undefined && (
        <Drawer
          key={open.id}
          title={open.action}
          mark={<StateBadge state={outcomes[open.outcome].state}>{outcomes[open.outcome].word}</StateBadge>}
          onClose={drawer.close}
        >
          <Entry entry={open} />
        </Drawer>
      )}
    </div>
  )
}

/** Takes effect when the typing pauses. */
function Filter({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the typing alone starts the wait
  useEffect(() => {
    if (text === value) return
    const timer = setTimeout(() => onChange(text.trim()), 250)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <TextInput aria-label={label} placeholder={label} value={text} onChange={event => setText(event.target.value)} />
  )
}

function Entry({ entry }: { entry: AuditEntry }) {
  const { who, via, address, object, commit, at, detail, requestId } = entry
  const place = placeWords(entry)
  const more = Object.keys(detail).length > 0 ? JSON.stringify(detail, null, 2) : undefined
  return (
    <div className={styles.stack}>
      <Facts
        facts={[
          { name: 'Who', value: via === '' ? who : `${who}, by ${via === 'oidc' ? 'OIDC' : via}` },
          { name: 'When', value: <ExactTime at={at} /> },
          { name: 'Object', value: object },
          ...(place === '' ? [] : [{ name: 'Project', value: place }]),
          ...(commit === undefined ? [] : [{ name: 'Commit', value: <Revision hash={commit} /> }]),
          ...(address === '' ? [] : [{ name: 'From', value: <code>{address}</code> }]),
          ...(requestId === '' ? [] : [{ name: 'Request', value: <code className={styles.code}>{requestId}</code> }]),
        ]}
      />
      {more !== undefined && <pre className={styles.detail}>{more}</pre>}
    </div>
  )
}
