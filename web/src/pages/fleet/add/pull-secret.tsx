import type { FleetAddCheck } from '../../../../../src/server/contract/fleet-add.ts'
import { Field } from '../../../ui/field.tsx'
import { TextInput } from '../../../ui/inputs.tsx'
import { type Form, problemIn } from './wish.ts'

/** With which Secret the engine's images are pulled. */
export function PullSecret({
  form,
  check,
  onChange,
}: {
  form: Form
  check: FleetAddCheck | undefined
  onChange: (change: Partial<Form>) => void
}) {
  return (
    <Field
      label="Pull secret"
      optional
      error={problemIn(check, 'imagePullSecret')}
      hint="Name of a Secret in flux-system with the registry's credential. It has to be there."
    >
      <TextInput
        mono
        value={form.imagePullSecret}
        maxLength={253}
        onChange={event => onChange({ imagePullSecret: event.target.value })}
      />
    </Field>
  )
}
