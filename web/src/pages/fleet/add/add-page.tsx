import { useState } from 'react'
import { useSearchParams } from 'wouter'
import type { ConnectionView } from '../../../../../src/server/contract/connections.ts'
import type { FleetAddPlanRecord, FleetAddStart } from '../../../../../src/server/contract/fleet-add.ts'
import { useResource } from '../../../data/resource.ts'
import { Page } from '../../../frame/page.tsx'
import { GateNotice, useGate } from '../../../gate/gate-notice.tsx'
import { ErrorPanel } from '../../../ui/error-panel.tsx'
import { TextSkeleton } from '../../../ui/skeleton.tsx'
import { fleetPlace } from '../words.ts'
import { AddForm } from './form.tsx'
import { Run } from './run.tsx'
import { Unfinished } from './unfinished.tsx'
import { emptyForm, type Form, formOf } from './wish.ts'

const crumbs = [{ title: 'Fleet', to: '/fleet' }, { title: 'Add a cluster' }]

/** Adds a cluster: what it is, where it goes, checks, the plan with every file and object; then exactly that, followed live. */
export function AddClusterPage() {
  const [params, setParams] = useSearchParams()
  const [plan, job] = [params.get('plan') ?? undefined, params.get('job') ?? undefined]
  const put = (next: { plan?: string | undefined; job?: string | undefined }, replace = true): void =>
    setParams(
      () => {
        const params = new URLSearchParams()
        for (const [name, value] of Object.entries(next)) if (value !== undefined) params.set(name, value)
        return params
      },
      { replace },
    )
  return (
    <Page
      title="Add a cluster"
      lead="A repository says what the cluster is, and the cluster follows it. You see every file and object before anything is written."
      crumbs={crumbs}
    >
      {job !== undefined ? (
        <Run
          job={job}
          plan={plan}
          onAgain={next => put({ plan, job: next })}
          onBack={() => put({ plan })}
          onNew={() => put({})}
        />
      ) : (
        <Start plan={plan} onPlan={next => put({ plan: next })} onJob={(plan, job) => put({ plan, job }, false)} />
      )}
    </Page>
  )
}

/** Everything that the form starts from; also a plan that was made before, when the address names one. */
function Start({
  plan,
  onPlan,
  onJob,
}: {
  plan: string | undefined
  onPlan: (plan: string | undefined) => void
  onJob: (plan: string, job: string) => void
}) {
  const start = useResource<FleetAddStart>('/fleet/add', { topics: ['fleet', 'repository'] })
  const connections = useResource<{ connections: ConnectionView[] }>('/connections', { topics: ['connections'] })
  // A plan that this very page has made need not be asked for.
  const [first] = useState(plan)
  const record = useResource<FleetAddPlanRecord>(`/fleet/add/plans/${encodeURIComponent(first ?? '')}`, {
    enabled: first !== undefined,
  })
  const gate = useGate(fleetPlace())
  const error = start.error ?? connections.error
  const waits = first !== undefined && record.data === undefined && record.error === null
  if (start.data === undefined || connections.data === undefined || gate === undefined || waits) {
    if (error !== null) return <ErrorPanel error={error} onRetry={() => void start.refetch()} />
    return <TextSkeleton lines={12} label="Loading" />
  }
  const proven = connections.data.connections.filter(one => one.state === 'proven' || one.state === 'attention')
  const usual = proven.find(one => one.id === gate.connection?.id) ?? proven[0]
  const form: Form = {
    ...(record.data === undefined ? emptyForm : formOf(record.data)),
    ...(record.data === undefined && start.data.cluster === undefined ? { cluster: 'other' as const } : {}),
  }
  return (
    <>
      {proven.length === 0 && <GateNotice gate={gate} />}
      {first !== undefined && record.error !== null && <ErrorPanel error={record.error} />}
      <Unfinished start={start.data} current={plan} onJob={onJob} />
      <AddForm
        key={record.data?.plan ?? 'new'}
        first={form}
        planJob={record.data?.planJob}
        start={start.data}
        connections={proven}
        usual={usual?.id ?? ''}
        onPlan={onPlan}
        onJob={onJob}
      />
    </>
  )
}
