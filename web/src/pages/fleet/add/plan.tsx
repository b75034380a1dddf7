import { CircleCheck, CircleX, Info } from 'lucide-react'
import type { ReactNode } from 'react'
import type { FleetAddPlan, PlannedChangeView } from '../../../../../src/server/contract/fleet-add.ts'
import { Checklist, type StepState } from '../../../ui/checklist.tsx'
import { Checkbox } from '../../../ui/choices.tsx'
import { Facts } from '../../../ui/section.tsx'
import { UnifiedDiff } from '../../../ui/unified-diff.tsx'
import styles from './add.module.css'
import { linesOf } from './wish.ts'

const states: Readonly<Record<FleetAddPlan['steps'][number]['state'], StepState>> = {
  done: 'done',
  'to-do': 'waiting',
  blocked: 'failed',
  'not-run': 'not-run',
}

/** What will be done, step by step, with every file and object as it will be. */
export function Plan({ plan }: { plan: FleetAddPlan }) {
  return (
    <div className={styles.stack}>
      <Facts
        facts={[
          { name: plan.kind === 'import' ? 'Repository' : 'Goes to', value: plan.target },
          ...(plan.cluster === undefined
            ? []
            : [{ name: plan.kind === 'import' ? 'Followed by' : 'Cluster', value: <code>{plan.cluster}</code> }]),
          ...(plan.engine === undefined
            ? []
            : [
                {
                  name: 'Engine',
                  value: (
                    <>
                      {plan.engine}
                      {plan.manifests !== undefined && <span className={styles.by}>{plan.manifests}</span>}
                    </>
                  ),
                },
              ]),
          {
            name: 'Commit',
            value: (
              <>
                {plan.commit.message !== undefined && (
                  <strong className={styles.todo}>{plan.commit.message.split('\n', 1)[0]}</strong>
                )}
                <span className={styles.by}>
                  {plan.commit.author},{' '}
                  {plan.commit.review === undefined
                    ? `to ${plan.commit.branch}`
                    : `to ${plan.commit.branch} by request: ${plan.commit.review}`}
                </span>
              </>
            ),
          },
        ]}
      />
      {plan.warnings.length > 0 && (
        <ul className={styles.notes} aria-label="To know">
          {plan.warnings.map(warning => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      {plan.found !== undefined && <Found found={plan.found} />}
      <Checklist
        label="The plan"
        wide
        steps={plan.steps.map(step => ({
          id: step.id,
          title: step.state === 'to-do' ? <strong className={styles.todo}>{step.title}</strong> : step.title,
          state: states[step.state],
          detail:
            step.state === 'not-run' ? undefined : (
              <div className={styles.step}>
                {step.summary !== plan.refusal?.message && <p>{step.summary}</p>}
                {step.notes.map(note => (
                  <p key={note} className={styles.note}>
                    <Info size={14} aria-hidden /> {note}
                  </p>
                ))}
                <Changes changes={step.changes} />
              </div>
            ),
          ...(step.next === undefined || plan.refusal?.allowedBy !== undefined ? {} : { next: step.next }),
        }))}
      />
    </div>
  )
}

const verbs: Readonly<Record<PlannedChangeView['action'], string>> = {
  create: 'new',
  update: 'changed',
  configure: 'changed',
  delete: 'removed',
  keep: 'stays',
}

function Changes({ changes }: { changes: readonly PlannedChangeView[] }) {
  const isNewKind = (change: PlannedChangeView) =>
    change.action === 'create' && change.name.startsWith('CustomResourceDefinition/')
  const told = changes.filter(change => change.action !== 'keep' && !isNewKind(change))
  const newKinds = changes.filter(isNewKind)
  const kept = changes.filter(
    change => change.action === 'keep' && (change.kind === 'file' || change.kind === 'object'),
  )
  if (told.length + kept.length + newKinds.length === 0) return null
  return (
    <ul className={styles.changes}>
      {told.map(change => (
        <li key={`${change.kind} ${change.name}`}>
          {change.diff === undefined || change.diff === '' ? (
            <p className={styles.change}>
              <code>{change.name}</code> <span className={styles.quiet}>{verbs[change.action]}</span>
              {change.detail !== undefined && <span className={styles.quiet}>{change.detail}</span>}
            </p>
          ) : (
            <Diff change={change} diff={change.diff} />
          )}
        </li>
      ))}
      {newKinds.length > 0 && (
        <li>
          <details className={styles.changeDetails}>
            <summary>
              {newKinds.length} definitions of kinds <span className={styles.quiet}>new</span>
            </summary>
            <ul className={styles.changes}>
              {newKinds.map(change => (
                <li key={change.name}>
                  <Diff change={change} diff={change.diff ?? ''} />
                </li>
              ))}
            </ul>
          </details>
        </li>
      )}
      {kept.length > 0 && (
        <li>
          <details className={styles.changeDetails}>
            <summary>
              <span className={styles.quiet}>
                {kept.length} {kept.length === 1 ? 'stays as it is' : 'stay as they are'}
              </span>
            </summary>
            <ul className={styles.kept}>
              {kept.map(change => (
                <li key={change.name}>
                  <code>{change.name}</code>
                </li>
              ))}
            </ul>
          </details>
        </li>
      )}
    </ul>
  )
}

function Diff({ change, diff }: { change: PlannedChangeView; diff: string }) {
  const { added, removed } = linesOf(diff)
  return (
    <details className={styles.changeDetails}>
      <summary>
        <code>{change.name}</code>
        <span className={styles.quiet}>{verbs[change.action]}</span>
        <span className={styles.counts}>
          <span className={styles.plus}>+{added}</span>
          {removed > 0 && <span className={styles.minus}>−{removed}</span>}
        </span>
      </summary>
      <UnifiedDiff label={`Changes of ${change.name}`} text={diff} truncated={change.cut === true} />
    </details>
  )
}

function Found({ found }: { found: NonNullable<FleetAddPlan['found']> }) {
  const objects = found.proof.reduce((sum, one) => sum + one.objects, 0)
  return (
    <div className={styles.stack}>
      {found.fleets.map(fleet => (
        <div key={fleet.path} className={styles.fleet}>
          <h3>
            <code>{fleet.path}</code>{' '}
            {fleet.maker !== 'unknown' && <span className={styles.quiet}>made by {makers[fleet.maker]}</span>}
          </h3>
          <ul className={styles.clusters}>
            {fleet.clusters.map(cluster => (
              <li key={cluster.name}>
                <strong>{cluster.name}</strong> <span className={styles.quiet}>{cluster.groups}</span>
              </li>
            ))}
          </ul>
          {fleet.notes.length > 0 && (
            <ul className={styles.notes}>
              {fleet.notes.map(note => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          )}
        </div>
      ))}
      <p className={styles.proof}>
        <CircleCheck size={16} aria-hidden />
        {objects} objects were built with and without what Sluice adds: they are the same, field for field.
      </p>
      {found.outside.length > 0 && (
        <p className={styles.quiet}>Beside the fleet, and left alone: {found.outside.join(', ')}</p>
      )}
    </div>
  )
}

const makers: Readonly<Record<string, string>> = {
  'eks-anywhere': 'EKS Anywhere',
  flux: 'flux bootstrap',
  sluice: 'Sluice',
}

/** Why a plan cannot be carried out; where a person may allow it, the switch that does. */
export function Refusal({
  refusal,
  allowed,
  onAllow,
  action,
}: {
  refusal: NonNullable<FleetAddPlan['refusal']>
  allowed: boolean
  onAllow: (allow: boolean) => void
  action: ReactNode
}) {
  const label =
    refusal.allowedBy === 'adopt'
      ? 'Use this repository all the same; what is there stays as it is'
      : 'Set the counts of the specs: machines come and go'
  return (
    <div className={styles.refusal} role="alert">
      <CircleX size={16} aria-hidden />
      <div>
        <p>{refusal.message}</p>
        {refusal.seen !== undefined && !refusal.message.includes(refusal.seen) && <p>{refusal.seen}</p>}
        {refusal.allowedBy === undefined ? (
          <p className={styles.quiet}>{refusal.next}</p>
        ) : (
          <>
            <Checkbox label={label} checked={allowed} onChange={onAllow} />
            {action}
          </>
        )}
      </div>
    </div>
  )
}
