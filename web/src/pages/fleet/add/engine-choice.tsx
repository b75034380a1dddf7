import type { FleetAddCheck, FleetAddStart } from '../../../../../src/server/contract/fleet-add.ts'
import { RadioCards } from '../../../ui/choices.tsx'
import { cx } from '../../../ui/class-names.ts'
import { Field } from '../../../ui/field.tsx'
import { Select, TextInput } from '../../../ui/inputs.tsx'
import styles from './add.module.css'
import { FluxManifests } from './flux-manifests.tsx'
import { PullSecret } from './pull-secret.tsx'
import { type Form, problemIn } from './wish.ts'

const engines = [
  {
    value: 'kept',
    title: 'As Git has it',
    text: "A fleet keeps its engine. A new one begins with Sluice's, outside of the cluster.",
  },
  {
    value: 'process',
    title: 'Sluice, outside of the cluster',
    text: 'A process that you run, such as sluice engine. Nothing of it runs in the cluster.',
  },
  {
    value: 'cluster',
    title: 'Sluice, in the cluster',
    text: 'Two pods of an image that you built. The cluster goes on by itself.',
  },
  {
    value: 'flux',
    title: 'Flux',
    text: "Flux's own controllers run in the cluster, as flux bootstrap installs them. Sluice's engine stands back.",
  },
] as const

const rights = [
  { value: 'fleet', label: 'What the fleet is made of, and itself' },
  { value: 'cluster-admin', label: "Everything, as Flux's controllers may" },
]

interface EngineProps {
  readonly form: Form
  readonly start: FleetAddStart
  readonly check: FleetAddCheck | undefined
  readonly onChange: (change: Partial<Form>) => void
}

/** What keeps the cluster in line with Git from then on, and what each engine needs for that. */
export function EngineChoice({ form, start, check, onChange }: EngineProps) {
  return (
    <>
      <RadioCards
        label="Engine"
        columns={2}
        choices={engines}
        value={form.engine}
        onChange={engine => onChange({ engine })}
      />
      {form.engine === 'cluster' && <InCluster form={form} check={check} onChange={onChange} />}
      {form.engine === 'flux' && <FluxManifests form={form} start={start} check={check} onChange={onChange} />}
    </>
  )
}

function InCluster({ form, check, onChange }: Omit<EngineProps, 'start'>) {
  return (
    <div className={cx(styles.engine, styles.two)}>
      <Field
        label="Image"
        error={form.engineImage.trim() === '' ? undefined : problemIn(check, 'engineImage')}
        hint="Built from the Dockerfile of Sluice and pushed to a registry of yours; best with its digest."
      >
        <TextInput
          mono
          value={form.engineImage}
          placeholder="registry.example.com/sluice:0.1.0@sha256:…"
          onChange={event => onChange({ engineImage: event.target.value })}
        />
      </Field>
      <PullSecret form={form} check={check} onChange={onChange} />
      <Field
        label="May change"
        hint="Applications need more than the fleet's own: everything, or accounts of their own."
      >
        <Select
          value={form.engineRights}
          onChange={event => onChange({ engineRights: event.target.value as Form['engineRights'] })}
          options={rights}
        />
      </Field>
    </div>
  )
}
