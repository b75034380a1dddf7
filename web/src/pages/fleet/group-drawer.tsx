import { useState } from 'react'
import type { Fleet, FleetCluster, FleetGroup, ScaleWish, SizeView } from '../../../../src/server/contract/fleet.ts'
import { useMay } from '../../data/session.tsx'
import { Drawer } from '../../frame/drawer.tsx'
import { GateNotice, useGate } from '../../gate/gate-notice.tsx'
import { Field } from '../../ui/field.tsx'
import { Stepper } from '../../ui/inputs.tsx'
import { PairCard } from '../../ui/pair.tsx'
import { Section } from '../../ui/section.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { ChangeForm } from './change-form.tsx'
import styles from './fleet.module.css'
import { GuardrailList } from './guardrails.tsx'
import { NodesPicture } from './nodes-picture.tsx'
import { SizeHistoryList } from './size-history.tsx'
import { clusterApi, fleetPlace, freezeOf, groupHealth, isControlPlane, sizeWords, specSize } from './words.ts'

/** One group: what Git says and what there is, its size to change, and who changed it. */
export function GroupDrawer({
  cluster,
  group,
  git,
  onClose,
}: {
  cluster: FleetCluster
  group: FleetGroup
  git: Fleet['git']
  onClose: () => void
}) {
  const may = useMay()
  const operator = may('operator', { project: 'fleet', environment: cluster.name })
  const gate = useGate(fleetPlace(cluster.name))
  const health = groupHealth(group, cluster, git)
  const [size, setSize] = useState<SizeView>()
  const [revert, setRevert] = useState<string>()
  const now = group.git?.size
  const frozen = freezeOf(group)
  const wish = wishOf(group, now, size, revert)
  const reset = (): void => {
    setSize(undefined)
    setRevert(undefined)
  }
  return (
    <Drawer
      title={`${cluster.name} / ${group.name}`}
      mark={<StateBadge state={health.state}>{health.words}</StateBadge>}
      onClose={onClose}
    >
      <div className={styles.stack}>
        <PairCard
          git={sizeWords(now)}
          cluster={group.unseen ? undefined : sizeWords(specSize(group))}
          agrees={group.unseen || (now !== undefined && sizeWords(now) === sizeWords(specSize(group)))}
          cause={
            group.unseen ? (
              'Nothing has said yet what there is in AWS.'
            ) : (
              <span className={styles.counts}>
                <NodesPicture ready={group.ready} current={group.current} wanted={group.wanted ?? group.current} />
                {group.ready} of {group.wanted ?? group.current} {group.current === 1 ? 'machine' : 'machines'} Ready
                {group.drift !== undefined && <span className={styles.drift}>{group.drift}</span>}
              </span>
            )
          }
        />
        {operator && now !== undefined && (
          <Section
            title="Scale"
            lead={
              isControlPlane(group)
                ? 'The control plane has an odd number of machines.'
                : group.autoscaling
                  ? 'The autoscaler chooses a size within these bounds.'
                  : undefined
            }
          >
            <GateNotice gate={gate} />
            <SizeField
              value={revert === undefined ? (size ?? now) : now}
              disabled={!gate?.open || frozen !== undefined}
              onChange={value => {
                setRevert(undefined)
                setSize(value)
              }}
            />
            <ChangeForm
              cluster={cluster.name}
              path={`${clusterApi(cluster)}/scale`}
              wish={wish}
              tip={git.tip}
              hint={
                frozen === undefined
                  ? 'Change the number to see the commit before it is made.'
                  : `It cannot be changed now: ${frozen.broken} (${frozen.place}).`
              }
              done="Change it again"
              onReset={reset}
            />
          </Section>
        )}
        {group.guardrails !== undefined && (
          <Section title="Guardrails" lead="What every change of its size keeps, by a file in Git.">
            <GuardrailList guardrails={group.guardrails} />
          </Section>
        )}
        <Section title="Who changed it">
          <SizeHistoryList
            cluster={cluster}
            group={group.name}
            onRevert={
              operator && gate?.open && frozen === undefined
                ? sha => {
                    setSize(undefined)
                    setRevert(sha)
                  }
                : undefined
            }
          />
        </Section>
      </div>
    </Drawer>
  )
}

function wishOf(
  group: FleetGroup,
  now: SizeView | undefined,
  size: SizeView | undefined,
  revert: string | undefined,
): ScaleWish | undefined {
  if (revert !== undefined) return { revert }
  if (size === undefined || sizeWords(size) === sizeWords(now)) return undefined
  return { targets: [{ group: group.name, size }] }
}

function SizeField({
  value,
  onChange,
  disabled,
}: {
  value: SizeView
  onChange: (value: SizeView) => void
  disabled: boolean
}) {
  if (typeof value === 'number') {
    return (
      <div className={styles.sizes}>
        <Field label="Machines">
          <Stepper value={value} onChange={onChange} max={9999} disabled={disabled} />
        </Field>
      </div>
    )
  }
  const { min, max } = value
  return (
    <div className={styles.sizes}>
      <Field label="At least">
        <Stepper value={min} max={max} onChange={next => onChange({ min: next, max })} disabled={disabled} />
      </Field>
      <Field label="At most">
        <Stepper value={max} min={min} max={9999} onChange={next => onChange({ min, max: next })} disabled={disabled} />
      </Field>
    </div>
  )
}
