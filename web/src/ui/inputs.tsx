import { ChevronDown, Minus, Plus } from 'lucide-react'
import {
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useRef,
} from 'react'
import { Button } from './button.tsx'
import { cx } from './class-names.ts'
import { useFieldProps } from './field.tsx'
import styles from './inputs.module.css'

export interface TextInputProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'prefix'> {
  /** Before what is typed: `https://`. */
  readonly prefix?: ReactNode
  readonly suffix?: ReactNode
  /** For names of objects, hashes, addresses. */
  readonly mono?: boolean
  readonly ref?: Ref<HTMLInputElement>
}

/** One line of text. Names and tokens are no prose: spelling and corrections stay off. */
export function TextInput({ prefix, suffix, mono, className, ...rest }: TextInputProps) {
  const field = useFieldProps()
  return (
    <span className={cx(styles.box, className)}>
      {prefix !== undefined && <span className={styles.prefix}>{prefix}</span>}
      <input
        type="text"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        {...field}
        {...rest}
        className={cx(styles.input, mono && styles.mono)}
      />
      {suffix !== undefined && <span className={styles.suffix}>{suffix}</span>}
    </span>
  )
}

export function TextArea({
  mono,
  className,
  ...rest
}: TextareaHTMLAttributes<HTMLTextAreaElement> & { mono?: boolean }) {
  const field = useFieldProps()
  return (
    <span className={cx(styles.box, styles.tall, className)}>
      <textarea rows={4} spellCheck={!mono} {...field} {...rest} className={cx(styles.input, mono && styles.mono)} />
    </span>
  )
}

/**
 * A token, password or key. One that is stored is never shown, not even its length: it is kept (`value` undefined) or
 * replaced by what is typed.
 */
export function SecretInput({
  stored,
  value,
  onChange,
  ...rest
}: {
  /** Whether the server holds one. */
  stored: boolean
  value: string | undefined
  onChange: (value: string | undefined) => void
} & Omit<TextInputProps, 'value' | 'onChange' | 'type'>) {
  const field = useFieldProps()
  const input = useRef<HTMLInputElement>(null)
  if (stored && value === undefined) {
    return (
      <span className={styles.secret}>
        <span className={styles.dots} aria-hidden>
          ••••••••••••
        </span>
        <span className="visually-hidden">stored, not shown</span>
        <Button
          small
          {...field}
          aria-label="Replace the stored one"
          onClick={() => {
            onChange('')
            requestAnimationFrame(() => input.current?.focus())
          }}
        >
          Replace
        </Button>
      </span>
    )
  }
  return (
    <span className={styles.secret}>
      <TextInput
        mono
        {...rest}
        ref={input}
        type="password"
        autoComplete="off"
        value={value ?? ''}
        onChange={event => onChange(event.target.value)}
      />
      {stored && (
        <Button kind="plain" small onClick={() => onChange(undefined)}>
          Keep the stored one
        </Button>
      )}
    </span>
  )
}

/** One of a few. The system's own list: it works on every device and with every assistive technology. */
export function Select({
  options,
  className,
  ...rest
}: SelectHTMLAttributes<HTMLSelectElement> & {
  options: readonly { readonly value: string; readonly label: string; readonly disabled?: boolean }[]
}) {
  const field = useFieldProps()
  return (
    <span className={cx(styles.box, styles.select, className)}>
      <select {...field} {...rest} className={styles.input}>
        {options.map(o => (
          <option key={o.value} value={o.value} disabled={o.disabled}>
            {o.label}
          </option>
        ))}
      </select>
      <ChevronDown size={16} className={styles.chevron} aria-hidden />
    </span>
  )
}

/** A count: by its buttons, the arrow keys, or typed. */
export function Stepper({
  value,
  onChange,
  min = 0,
  max = Number.MAX_SAFE_INTEGER,
  label,
  disabled,
}: {
  value: number
  onChange: (value: number) => void
  min?: number
  max?: number
  /** Read out where no field gives a label. */
  label?: string
  disabled?: boolean
}) {
  const field = useFieldProps()
  const set = (next: number): void => {
    if (Number.isInteger(next)) onChange(Math.min(max, Math.max(min, next)))
  }
  return (
    <span className={cx(styles.box, styles.stepper)}>
      <button
        type="button"
        tabIndex={-1}
        aria-label="One less"
        disabled={disabled || value <= min}
        onClick={() => set(value - 1)}
      >
        <Minus size={14} aria-hidden />
      </button>
      <input
        type="number"
        inputMode="numeric"
        aria-label={label}
        {...field}
        disabled={disabled}
        min={min}
        max={max}
        value={value}
        onChange={event => set(event.target.valueAsNumber)}
        className={styles.input}
      />
      <button
        type="button"
        tabIndex={-1}
        aria-label="One more"
        disabled={disabled || value >= max}
        onClick={() => set(value + 1)}
      >
        <Plus size={14} aria-hidden />
      </button>
    </span>
  )
}
