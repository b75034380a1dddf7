import { useQuery } from '@tanstack/react-query'
import { CircleCheck, CircleX, ShieldCheck, Users } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { FleetChange } from '../../../../src/server/contract/fleet.ts'
import { api } from '../../data/api.ts'
import type { ApiError } from '../../data/api-error.ts'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import { UnifiedDiff } from '../../ui/unified-diff.tsx'
import styles from './fleet.module.css'

/** A value that holds still for a moment before it is asked about. */
function useSettled<V>(value: V, ms: number): V {
  const [settled, setSettled] = useState(value)
  const key = JSON.stringify(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(JSON.parse(key) as V), ms)
    return () => clearTimeout(timer)
  }, [key, ms])
  return settled
}

/** What a wish would commit, worked out by the server whenever the wish or the tip of the repository changes. */
export function usePreview(path: string, wish: object | undefined, tip: string | undefined, ms = 250) {
  const asked = useSettled(wish ?? null, ms)
  const settled = JSON.stringify(asked) === JSON.stringify(wish ?? null)
  const query = useQuery<FleetChange, ApiError>({
    queryKey: ['preview', path, JSON.stringify(asked), tip],
    queryFn: ({ signal }) => api<FleetChange>(path, { method: 'POST', body: asked, signal }),
    enabled: asked !== null,
    retry: false,
    gcTime: 30_000,
  })
  return { ...query, current: settled && asked !== null && !query.isFetching }
}

/** The commit as it will be: its message, the lines that change, and what the rules of the repository say. */
export function Preview({
  change,
  error,
  busy,
}: {
  change: FleetChange | undefined
  error: ApiError | null
  busy: boolean
}) {
  if (error !== null) return <ErrorPanel error={error} />
  if (change === undefined) return <TextSkeleton lines={5} label="Working out the commit" />
  const { plan, refusal } = change
  return (
    <div className={styles.preview} aria-busy={busy}>
      {refusal !== undefined && <Refusal refusal={refusal} />}
      {plan !== undefined && plan.diff === '' && (
        <p className={styles.muted}>Git says so already: nothing to commit.</p>
      )}
      {plan !== undefined && plan.diff !== '' && (
        <>
          <div className={styles.commit}>
            <p className={styles.message}>{plan.message}</p>
            <p className={styles.muted}>
              <code>{plan.path}</code> on <code>{plan.branch}</code>
            </p>
          </div>
          <UnifiedDiff label={`Changes of ${plan.path}`} text={plan.diff} />
          <Guardrails change={change} />
        </>
      )}
    </div>
  )
}

function Refusal({ refusal }: { refusal: NonNullable<FleetChange['refusal']> }) {
  return (
    <div className={styles.refusal} role="alert">
      <CircleX size={16} aria-hidden />
      <div>
        <p className={styles.message}>
          {refusal.code === 'E_FLEET_GUARDRAIL' && 'A guardrail of the repository forbids this: '}
          {refusal.seen ?? refusal.message}
        </p>
        {refusal.expected !== undefined && <p>Allowed: {refusal.expected}</p>}
        <p className={styles.muted}>{refusal.next}</p>
      </div>
    </div>
  )
}

function Guardrails({ change: { plan, refusal } }: { change: FleetChange }) {
  if (plan === undefined || (plan.guardrails.length === 0 && plan.review === undefined)) return null
  return (
    <ul className={styles.rules} aria-label="Rules of the repository">
      {plan.guardrails
        .filter(rule => rule.twoPerson !== true)
        .map(rule => (
          <li key={`${rule.place} ${rule.group} ${rule.rule}`}>
            {rule.broken === undefined ? (
              <CircleCheck size={16} className={styles.kept} aria-label="kept" />
            ) : (
              <CircleX size={16} className={styles.broken} aria-label="broken" />
            )}
            <span>
              {rule.rule}
              {rule.broken !== undefined && <strong>: {rule.broken}</strong>} <code>{rule.place}</code>
            </span>
          </li>
        ))}
      {plan.review !== undefined && (
        <li>
          <Users size={16} aria-hidden />
          <span>By pull request: {plan.review}</span>
        </li>
      )}
      {refusal === undefined && plan.guardrails.length > 0 && (
        <li className={styles.muted}>
          <ShieldCheck size={16} aria-hidden />
          <span>Every guardrail of this group is kept.</span>
        </li>
      )}
    </ul>
  )
}
