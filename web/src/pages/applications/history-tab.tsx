import { Undo2 } from 'lucide-react'
import { useState } from 'react'
import type { CompareView, ReleaseView, releasesSchema } from '../../../../src/server/contract/history.ts'
import { useResource } from '../../data/resource.ts'
import { Drawer, useDrawer } from '../../frame/drawer.tsx'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/choices.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Revision, shortHash } from '../../ui/revision.tsx'
import { TableSkeleton, TextSkeleton } from '../../ui/skeleton.tsx'
import { type State, StateBadge } from '../../ui/state.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import { durationWords } from '../../ui/time-words.ts'
import { UnifiedDiff } from '../../ui/unified-diff.tsx'
import { ManifestDiffs } from '../changes/preview-view.tsx'
import { chartWords, Move, ValueChanges } from '../changes/value-changes.tsx'
import styles from './applications.module.css'
import { ScopeSelect } from './scope-select.tsx'
import type { TabProps } from './values-tab.tsx'
import { imageTag } from './words.ts'

type Releases = (typeof releasesSchema)['_output']

const states: Readonly<
  Record<Exclude<ReleaseView['state'], 'past'>, { readonly state: State; readonly word: string }>
> = {
  live: { state: 'agreed', word: 'Live' },
  pending: { state: 'moving', word: 'On its way' },
  failed: { state: 'broken', word: 'Failed' },
}

/** What once was has no state any more. */
function ReleaseState({ of }: { of: ReleaseView['state'] }) {
  if (of === 'past') return <span className={styles.quiet}>Past</span>
  return <StateBadge state={states[of].state}>{states[of].word}</StateBadge>
}

const changesWords = (release: ReleaseView): string => {
  if (release.change === 'gone') return 'taken out'
  const parts = [
    release.chartMove !== undefined && `chart ${release.chartMove.after.version}`,
    release.change === 'new'
      ? 'first release'
      : release.values.length === 1
        ? '1 value'
        : release.values.length > 1 && `${release.values.length} values`,
  ].filter(Boolean)
  return parts.join(', ') || 'nothing that runs'
}

/** Every release of an environment, newest first; any two can be compared, any one brought back. */
export function HistoryTab({ app, environment, onEnvironment, operator, onReview }: TabProps) {
  const scope = app.deployments.some(d => d.environment === environment)
    ? environment!
    : (app.deployments[0]?.environment ?? '')
  const drawer = useDrawer('release')
  const comparison = useDrawer('compare')
  const [chosen, setChosen] = useState<readonly string[]>([])
  const { data, error, refetch } = useResource<Releases>(`/applications/${encodeURIComponent(app.name)}/releases`, {
    query: { environment: scope, limit: 100 },
    topics: [`applications/${app.name}`],
    enabled: scope !== '',
  })
  if (scope === '') {
    return <EmptyState title="No releases yet">It is deployed to no environment, so nothing has a history.</EmptyState>
  }
  const title = app.deployments.find(d => d.environment === scope)?.title ?? scope
  const releases = data?.environment === scope ? data.releases : undefined
  const open = releases?.find(r => r.commit.sha === drawer.shown)
  const toggle = (sha: string): void =>
    setChosen(before => (before.includes(sha) ? before.filter(one => one !== sha) : [...before.slice(-1), sha]))
  const columns: readonly Column<ReleaseView>[] = [
    {
      id: 'choose',
      header: <span className="visually-hidden">Compare</span>,
      width: '48px',
      cell: r => (
        <Checkbox
          label={<span className="visually-hidden">Compare {shortHash(r.commit.sha)}</span>}
          checked={chosen.includes(r.commit.sha)}
          onChange={() => toggle(r.commit.sha)}
        />
      ),
    },
    {
      id: 'commit',
      header: 'Commit',
      primary: true,
      cell: r => <Revision compact hash={r.commit.sha} message={r.commit.subject} />,
    },
    {
      id: 'state',
      header: 'State',
      width: '120px',
      cell: r => <ReleaseState of={r.state} />,
    },
    { id: 'changes', header: 'Changes', width: '150px', from: 'medium', cell: changesWords },
    {
      id: 'image',
      header: 'Image',
      width: '110px',
      from: 'medium',
      cell: r => <code>{imageTag(r.image) ?? '–'}</code>,
    },
    { id: 'who', header: 'Who', width: '140px', cell: r => r.commit.author.name },
    { id: 'when', header: 'When', width: '110px', align: 'end', cell: r => <RelativeTime at={r.commit.date} /> },
    {
      id: 'took',
      header: 'To healthy',
      width: '96px',
      align: 'end',
      from: 'wide',
      cell: r => (r.healthyAfterMs === undefined ? '–' : durationWords(r.healthyAfterMs)),
    },
  ]
  const rollback = (release: ReleaseView): void =>
    onReview(`Roll ${app.name} in ${title} back to ${shortHash(release.commit.sha)}`, {
      kind: 'restore',
      app: app.name,
      environment: scope,
      commit: release.commit.sha,
    })
  const pair = (comparison.shown ?? '').split('..')
  return (
    <div className={styles.stack}>
      <div className={styles.historyHead}>
        <ScopeSelect app={app} base={false} value={scope} onChange={onEnvironment} />
        <Button
          disabled={chosen.length !== 2}
          onClick={() => {
            const order = (releases ?? []).map(r => r.commit.sha)
            const [newer, older] = [...chosen].sort((a, b) => order.indexOf(a) - order.indexOf(b))
            comparison.show(`${older}..${newer}`)
          }}
        >
          {chosen.length === 2 ? 'Compare these two' : 'Choose two to compare'}
        </Button>
      </div>
      {releases === undefined ? (
        error !== null ? (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        ) : (
          <TableSkeleton label="Loading the history" />
        )
      ) : (
        <Table
          label={`Releases of ${app.name} in ${title}`}
          columns={columns}
          rows={releases}
          rowKey={r => r.commit.sha}
          rowState={r => (r.state === 'failed' ? 'broken' : undefined)}
          current={drawer.shown}
          onOpen={r => drawer.show(r.commit.sha)}
          empty={<EmptyState title="No releases yet">Nothing has been committed for this environment.</EmptyState>}
        />
      )}
      {open !== undefined && comparison.shown === undefined && (
        <Drawer
          key={open.commit.sha}
          title={`Release ${shortHash(open.commit.sha)}`}
          mark={<ReleaseState of={open.state} />}
          onClose={drawer.close}
          actions={
            operator(scope) &&
            open.state !== 'live' &&
            open.change !== 'gone' && (
              <>
                <Button
                  onClick={() =>
                    onReview(`Undo ${shortHash(open.commit.sha)} in ${title}`, {
                      kind: 'revert',
                      app: app.name,
                      environment: scope,
                      commit: open.commit.sha,
                    })
                  }
                >
                  Undo this commit
                </Button>
                <Button kind="primary" icon={Undo2} onClick={() => rollback(open)}>
                  Roll back to this
                </Button>
              </>
            )
          }
        >
          <div className={styles.stack}>
            <Revision
              hash={open.commit.sha}
              message={open.commit.subject}
              author={open.commit.author.name}
              at={open.commit.date}
              {...(open.commit.url === undefined ? {} : { href: open.commit.url })}
            />
            <section className={styles.stack}>
              <h3>What it changed</h3>
              {open.chartMove !== undefined && (
                <p>
                  Chart <Move before={chartWords(open.chartMove.before)} after={chartWords(open.chartMove.after)} />
                </p>
              )}
              {open.values.length === 0 && open.chartMove === undefined ? (
                <p className={styles.quiet}>{open.change === 'new' ? 'It was deployed here first.' : 'No value.'}</p>
              ) : (
                <ValueChanges changes={open.values} />
              )}
            </section>
          </div>
        </Drawer>
      )}
      {pair.length === 2 && pair[0] !== '' && (
        <Compared app={app.name} environment={scope} from={pair[0]!} to={pair[1]!} onClose={comparison.close} />
      )}
    </div>
  )
}

function Compared({
  app,
  environment,
  from,
  to,
  onClose,
}: {
  app: string
  environment: string
  from: string
  to: string
  onClose: () => void
}) {
  const [objects, setObjects] = useState(false)
  const { data, error, isFetching } = useResource<CompareView>(`/applications/${encodeURIComponent(app)}/compare`, {
    query: { environment, from, to, rendered: objects },
  })
  return (
    <Drawer wide title={`${shortHash(from)} and ${shortHash(to)}`} onClose={onClose}>
      <div className={styles.stack}>
        {data === undefined ? (
          error === null ? (
            <TextSkeleton lines={8} />
          ) : (
            <ErrorPanel error={error} />
          )
        ) : (
          <>
            {[data.from, data.to].map((commit, at) => (
              <Revision
                key={at === 0 ? 'from' : 'to'}
                hash={commit.sha}
                message={commit.subject}
                author={commit.author.name}
                at={commit.date}
              />
            ))}
            {data.chart !== undefined && (
              <p>
                Chart <Move before={chartWords(data.chart.before)} after={chartWords(data.chart.after)} />
              </p>
            )}
            <section className={styles.stack}>
              <h3>Values</h3>
              {data.values.length === 0 ? (
                <p className={styles.quiet}>The same in both.</p>
              ) : (
                <>
                  <ValueChanges changes={data.values} />
                  <UnifiedDiff label="Values of both" text={data.valuesDiff} />
                </>
              )}
            </section>
            <section className={styles.stack}>
              <h3>Objects</h3>
              {data.rendered !== undefined ? (
                <ManifestDiffs diffs={[data.rendered]} />
              ) : objects && isFetching ? (
                <TextSkeleton lines={6} label="Helm renders both" />
              ) : (
                <div>
                  <Button onClick={() => setObjects(true)}>Render both and compare</Button>
                </div>
              )}
            </section>
          </>
        )}
      </div>
    </Drawer>
  )
}
