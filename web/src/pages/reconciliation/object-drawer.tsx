import { PauseCircle, PlayCircle, RotateCw } from 'lucide-react'
import { useState } from 'react'
import { useSearchParams } from 'wouter'
import type { Job } from '../../../../src/server/contract/live.ts'
import type { ObjectDetail } from '../../../../src/server/contract/reconciliation.ts'
import { CodeView } from '../../code/index.tsx'
import { jobEnded, useJob } from '../../data/jobs.ts'
import { useChange, useResource } from '../../data/resource.ts'
import { Drawer } from '../../frame/drawer.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { JobSteps } from '../../ui/job-steps.tsx'
import { Facts } from '../../ui/section.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import { EventLines } from './events-list.tsx'
import { AgainstGit } from './object-diff.tsx'
import { Why } from './object-why.tsx'
import styles from './reconciliation.module.css'

/** One object: why it is as it is, how it differs from Git, what happened to it, and what may be done. */
export function ObjectDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const path = `/reconciliation/objects/${encodeURIComponent(id)}`
  const { data, error, refetch } = useResource<ObjectDetail>(path, { topics: ['reconciliation'] })
  const [params, setParams] = useSearchParams()
  const row = data?.row
  const close = (): void => {
    onClose()
    setParams(
      before => {
        const next = new URLSearchParams(before)
        next.delete('tab')
        next.delete('open')
        return next
      },
      { replace: true },
    )
  }
  const fallback = row === undefined || row.state === 'agreed' ? 'details' : row.touched !== undefined ? 'git' : 'why'
  const tab = params.get('tab') ?? fallback
  return (
    <Drawer
      wide
      title={row === undefined ? 'Object' : row.name}
      mark={row && <StateBadge state={row.state}>{row.word}</StateBadge>}
      onClose={close}
      actions={data?.mayAct ? <Actions path={path} detail={data} /> : undefined}
    >
      {error !== null && data === undefined ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : data === undefined || row === undefined ? (
        <TextSkeleton lines={8} label="Loading the object" />
      ) : (
        <div className={styles.drawer}>
          <p className={styles.where}>
            <code>{[row.kind, row.namespace, row.name].filter(Boolean).join('/')}</code>
            {row.project !== undefined && (
              <span>
                {row.project}
                {row.environment !== undefined && ` in ${row.environment}`}
              </span>
            )}
          </p>
          {row.message !== undefined && <p className={styles.text}>{row.message}</p>}
          <Tabs
            label="About this object"
            value={tab}
            onChange={one =>
              setParams(
                before => {
                  const next = new URLSearchParams(before)
                  next.set('tab', one)
                  return next
                },
                { replace: true },
              )
            }
            tabs={[
              { id: 'why', title: 'Why', content: tab === 'why' && <Why path={path} /> },
              ...(row.role === 'object' || row.owner !== undefined
                ? [{ id: 'git', title: 'Against Git', content: tab === 'git' && <AgainstGit path={path} /> }]
                : []),
              {
                id: 'events',
                title: 'Events',
                mark: data.events.length > 0 ? data.events.length : undefined,
                content: <EventLines events={data.events} />,
              },
              { id: 'details', title: 'Details', content: <Details detail={data} /> },
              {
                id: 'yaml',
                title: 'YAML',
                content:
                  tab === 'yaml' &&
                  (data.yaml === undefined ? (
                    <p className={styles.quiet}>The cluster does not have it.</p>
                  ) : (
                    <CodeView label="The object as the cluster has it" text={data.yaml} />
                  )),
              },
            ]}
          />
        </div>
      )}
    </Drawer>
  )
}

function Details({ detail }: { detail: ObjectDetail }) {
  const { row, conditions, trace, managers, createdAt } = detail
  return (
    <div className={styles.stack}>
      <Facts
        facts={[
          ...(row.revision === undefined ? [] : [{ name: 'Revision', value: <code>{row.revision}</code> }]),
          ...(row.from === undefined ? [] : [{ name: 'From', value: <code>{row.from}</code> }]),
          ...(row.owner === undefined
            ? []
            : [
                {
                  name: 'Applied by',
                  value: <code>{`${row.owner.kind}/${row.owner.namespace}/${row.owner.name}`}</code>,
                },
              ]),
          ...(createdAt === undefined ? [] : [{ name: 'Created', value: <RelativeTime at={createdAt} /> }]),
        ]}
      />
      {conditions.length > 0 && (
        <section>
          <h3 className={styles.head}>Conditions</h3>
          <ol className={styles.lines}>
            {conditions.map(one => (
              <li key={one.type}>
                <p className={styles.lineHead}>
                  <strong>
                    {one.type} {one.status}
                  </strong>
                  <span className={styles.quiet}>
                    {one.reason}
                    {one.since !== undefined && (
                      <>
                        {' · '}
                        <RelativeTime at={one.since} />
                      </>
                    )}
                  </span>
                </p>
                {one.message !== undefined && <p className={styles.text}>{one.message}</p>}
              </li>
            ))}
          </ol>
        </section>
      )}
      {trace.length > 1 && (
        <section>
          <h3 className={styles.head}>Where it came from</h3>
          <ol className={styles.lines}>
            {trace.map(({ object, facts }) => (
              <li key={object.id}>
                <p className={styles.lineHead}>
                  <code>{[object.kind, object.namespace, object.name].filter(Boolean).join('/')}</code>
                </p>
                {facts.map(({ name, value }) => (
                  <p key={name} className={styles.traceFact}>
                    <span className={styles.quiet}>{name}</span> {value}
                  </p>
                ))}
              </li>
            ))}
          </ol>
        </section>
      )}
      {managers.length > 0 && (
        <section>
          <h3 className={styles.head}>Who writes it</h3>
          <ol className={styles.lines}>
            {managers.map((one, index) => (
              // Managers repeat: one for each version, operation and part.
              // biome-ignore lint/suspicious/noArrayIndexKey: the list is shown as it came
              <li key={index}>
                <p className={styles.lineHead}>
                  <code>{one.manager}</code>
                  <span className={styles.quiet}>
                    {one.operation}
                    {one.part !== '' && ` of ${one.part}`}
                    {one.at !== '' && (
                      <>
                        {' · '}
                        <RelativeTime at={one.at} />
                      </>
                    )}
                  </span>
                </p>
              </li>
            ))}
          </ol>
        </section>
      )}
    </div>
  )
}

/** What Flux's own commands do; nothing else is changed in a cluster from here. */
function Actions({ path, detail }: { path: string; detail: ObjectDetail }) {
  const [job, setJob] = useState<string>()
  const { suspended, role } = detail.row
  const turn = useChange<{ changed: boolean }>(() => ({
    path: `${path}/${suspended ? 'resume' : 'suspend'}`,
    method: 'POST',
  }))
  const reconcile = useChange<Job>(() => ({ path: `${path}/reconcile`, body: { withSource: role === 'applier' } }), {
    onDone: started => setJob(started.id),
  })
  const followed = useJob(job)
  const failed = turn.error ?? reconcile.error
  return (
    <div className={styles.actions}>
      {failed !== null && <ErrorPanel error={failed} />}
      {followed.data !== undefined && <JobSteps job={followed.data} label="Reconciling" who="The engine" />}
      <div className={styles.buttons}>
        <Button icon={suspended ? PlayCircle : PauseCircle} busy={turn.isPending} onClick={() => turn.mutate()}>
          {suspended ? 'Resume' : 'Suspend'}
        </Button>
        <Button
          kind="primary"
          icon={RotateCw}
          disabled={suspended}
          busy={reconcile.isPending || (job !== undefined && followed.data !== undefined && !jobEnded(followed.data))}
          onClick={() => reconcile.mutate()}
        >
          {role === 'applier' ? 'Fetch and reconcile now' : 'Reconcile now'}
        </Button>
      </div>
    </div>
  )
}
