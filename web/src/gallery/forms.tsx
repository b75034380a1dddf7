import { useState } from 'react'
import { Checkbox, RadioCards, Switch } from '../ui/choices.tsx'
import { Combobox } from '../ui/combobox.tsx'
import { Field } from '../ui/field.tsx'
import { SecretInput, Select, Stepper, TextArea, TextInput } from '../ui/inputs.tsx'
import { SafeLink } from '../ui/safe-link.tsx'
import { StateBadge } from '../ui/state.tsx'
import styles from './gallery.module.css'

const organisations = ['acme-platform', 'acme-shop', 'acme-data', 'northwind']

export function Forms() {
  const [organisation, setOrganisation] = useState('acme-platform')
  const [token, setToken] = useState<string>()
  const [count, setCount] = useState(3)
  const [on, setOn] = useState(true)
  const [ticked, setTicked] = useState(true)
  const [way, setWay] = useState<'commit' | 'pull-request'>('commit')
  return (
    <div className={styles.columns}>
      <div className={styles.stack}>
        <Field label="Git host" wide>
          <TextInput prefix="https://" defaultValue="github.com" />
        </Field>
        <Field label="Organization" wide aside={<StateBadge state="agreed">found, you are an owner</StateBadge>}>
          <Combobox
            value={organisation}
            onChange={setOrganisation}
            lookup={async text =>
              organisations
                .filter(o => o.includes(text))
                .map(value => ({ value, detail: value === 'northwind' ? 'member' : 'owner' }))
            }
          />
        </Field>
        <Field
          label="Token"
          wide
          hint={
            <>
              It needs repo and admin:org. <SafeLink href="https://github.com/settings/tokens/new">Create one</SafeLink>
            </>
          }
        >
          <SecretInput stored value={token} onChange={setToken} />
        </Field>
        <Field label="User" wide error="octo-bto is not known at github.com. Did you mean octo-bot?">
          <TextInput mono defaultValue="octo-bto" />
        </Field>
        <Field label="CA bundle" wide optional>
          <TextArea mono placeholder="-----BEGIN CERTIFICATE-----" />
        </Field>
      </div>
      <div className={styles.stack}>
        <Field label="Machines" hint="Git wants 3. The guardrail of prod-eu allows 2 to 8.">
          <Stepper value={count} onChange={setCount} min={2} max={8} />
        </Field>
        <Field label="Environment">
          <Select
            options={[
              { value: 'staging', label: 'staging' },
              { value: 'production', label: 'production' },
            ]}
          />
        </Field>
        <Field label="Namespace">
          <TextInput disabled value="shop" />
        </Field>
        <RadioCards
          label="How the change goes in"
          value={way}
          onChange={setWay}
          columns={2}
          choices={[
            { value: 'commit', title: 'Commit to main', text: 'The engine sees it within seconds.' },
            { value: 'pull-request', title: 'Open pull request', text: 'Somebody else has to agree first.' },
          ]}
        />
        <Switch
          label="Protect from removal"
          hint="A commit that removes it is refused."
          checked={on}
          onChange={setOn}
        />
        <Checkbox label="Also create the namespace" checked={ticked} onChange={setTicked} />
        <Checkbox label="Cannot be chosen here" checked={false} onChange={() => {}} disabled />
      </div>
    </div>
  )
}
