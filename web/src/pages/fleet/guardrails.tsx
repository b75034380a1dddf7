import { Lock, ShieldCheck, TriangleAlert } from 'lucide-react'
import type { Fleet, FleetGroup, GuardrailView } from '../../../../src/server/contract/fleet.ts'
import { ExactTime } from '../../ui/time.tsx'
import styles from './fleet.module.css'
import { freezeOf } from './words.ts'

/** What holds for a group, on one line: a freeze before everything else. */
export function GuardrailsCell({ group }: { group: FleetGroup }) {
  const { guardrails = [] } = group
  if (guardrails.length === 0) return null
  const freeze = freezeOf(group)
  const all = guardrails.map(one => `${one.rule} (${one.place})`).join('\n')
  return (
    <span className={styles.guardrails} title={all}>
      {freeze === undefined ? <ShieldCheck size={14} aria-hidden /> : <Lock size={14} aria-hidden />}
      <span>
        {freeze === undefined ? (
          guardrails.map(one => one.rule).join(', ')
        ) : (
          <>
            frozen{freeze.until !== undefined && ' until '}
            {freeze.until !== undefined && <ExactTime at={freeze.until} />}
          </>
        )}
      </span>
    </span>
  )
}

/** The same with where each stands, and why nothing can be changed now. */
export function GuardrailList({ guardrails }: { guardrails: readonly GuardrailView[] }) {
  return (
    <ul className={styles.rules}>
      {guardrails.map(one => (
        <li key={`${one.place} ${one.rule}`}>
          {one.broken === undefined ? <ShieldCheck size={16} aria-hidden /> : <Lock size={16} aria-hidden />}
          <span>
            {one.rule}
            {one.until !== undefined && (
              <>
                {' until '}
                <ExactTime at={one.until} />
              </>
            )}
          </span>
          <code>{one.place}</code>
        </li>
      ))}
    </ul>
  )
}

/** Above the list: what is frozen, and what is wrong with the limits themselves. */
export function GuardrailNotices({ fleet }: { fleet: Pick<Fleet, 'clusters' | 'git'> }) {
  const { guardrails: problem } = fleet.git
  const freezes = new Map<string, { readonly rail: GuardrailView; readonly groups: string[] }>()
  for (const cluster of fleet.clusters) {
    for (const group of cluster.groups) {
      const rail = freezeOf(group)
      if (rail === undefined) continue
      const known = freezes.get(rail.place) ?? { rail, groups: [] }
      known.groups.push(`${cluster.name}/${group.name}`)
      freezes.set(rail.place, known)
    }
  }
  return (
    <>
      {problem !== undefined && (
        <div className={styles.banner} role="status">
          <TriangleAlert size={16} aria-hidden />
          <p>
            No size can be changed: {problem.message} {problem.next}
          </p>
        </div>
      )}
      {[...freezes.values()].map(({ rail, groups }) => (
        <div key={rail.place} className={styles.freeze} role="status">
          <Lock size={16} aria-hidden />
          <p>
            {groups.length <= 4 ? groups.join(', ') : `${groups.length} groups`}: {rail.rule}
            {rail.until !== undefined && (
              <>
                {' until '}
                <ExactTime at={rail.until} />
              </>
            )}
            . Changes of their sizes are refused until then, by <code>{rail.place}</code>.
          </p>
        </div>
      ))}
    </>
  )
}
