import { Check } from 'lucide-react'
import { RadioGroup, Checkbox as RadixCheckbox, Switch as RadixSwitch } from 'radix-ui'
import { type ReactNode, useId } from 'react'
import styles from './choices.module.css'
import { cx } from './class-names.ts'

interface ToggleProps {
  readonly label: ReactNode
  readonly hint?: ReactNode
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
  readonly disabled?: boolean
}

/** Takes effect when the form is sent. */
export function Checkbox({ label, hint, checked, onChange, disabled }: ToggleProps) {
  const id = useId()
  return (
    <div className={styles.choice}>
      <RadixCheckbox.Root
        id={id}
        className={styles.checkbox}
        checked={checked}
        disabled={disabled}
        onCheckedChange={state => onChange(state === true)}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
      >
        <RadixCheckbox.Indicator asChild>
          <Check size={12} strokeWidth={3} aria-hidden />
        </RadixCheckbox.Indicator>
      </RadixCheckbox.Root>
      <Words id={id} label={label} hint={hint} />
    </div>
  )
}

/** On or off, with what that means beside it. */
export function Switch({ label, hint, checked, onChange, disabled }: ToggleProps) {
  const id = useId()
  return (
    <div className={styles.choice}>
      <RadixSwitch.Root
        id={id}
        className={styles.switch}
        checked={checked}
        disabled={disabled}
        onCheckedChange={onChange}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
      >
        <RadixSwitch.Thumb className={styles.thumb} />
      </RadixSwitch.Root>
      <Words id={id} label={label} hint={hint} />
    </div>
  )
}

function Words({ id, label, hint }: { id: string; label: ReactNode; hint?: ReactNode }) {
  return (
    <div className={styles.words}>
      <label htmlFor={id}>{label}</label>
      {hint !== undefined && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
    </div>
  )
}

export interface Choice<V extends string> {
  readonly value: V
  readonly title: ReactNode
  readonly text?: ReactNode
  readonly icon?: ReactNode
  readonly disabled?: boolean
}

/** One of a few that need a sentence each. */
export function RadioCards<V extends string>({
  label,
  choices,
  value,
  onChange,
  columns = 1,
}: {
  label: string
  choices: readonly Choice<V>[]
  value: V | undefined
  onChange: (value: V) => void
  columns?: 1 | 2 | 3
}) {
  return (
    <RadioGroup.Root
      aria-label={label}
      value={value ?? ''}
      onValueChange={next => onChange(next as V)}
      className={cx(styles.cards, columns === 2 && styles.two, columns === 3 && styles.three)}
    >
      {choices.map(choice => (
        <RadioGroup.Item key={choice.value} value={choice.value} disabled={choice.disabled} className={styles.card}>
          <span className={styles.dot} aria-hidden />
          <span className={styles.words}>
            <span className={styles.title}>
              {choice.icon}
              {choice.title}
            </span>
            {choice.text !== undefined && <span className={styles.hint}>{choice.text}</span>}
          </span>
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  )
}
