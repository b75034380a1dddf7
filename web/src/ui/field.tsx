import { CircleAlert } from 'lucide-react'
import { createContext, type ReactNode, use, useId } from 'react'
import { cx } from './class-names.ts'
import styles from './field.module.css'

interface FieldWiring {
  readonly id: string
  readonly describedBy: string | undefined
  readonly invalid: boolean
}

const FieldContext = createContext<FieldWiring | undefined>(undefined)

/** What the control in a field has to carry, so that its label, hint and error belong to it. */
export function useFieldProps(): { id?: string; 'aria-describedby'?: string; 'aria-invalid'?: true } {
  const field = use(FieldContext)
  if (field === undefined) return {}
  return {
    id: field.id,
    ...(field.describedBy === undefined ? {} : { 'aria-describedby': field.describedBy }),
    ...(field.invalid ? { 'aria-invalid': true as const } : {}),
  }
}

export interface FieldProps {
  readonly label: string
  readonly hint?: ReactNode
  readonly error?: string | undefined
  /** Said after the label. Fields are required unless they say so. */
  readonly optional?: boolean
  /** At the right end of the label's line: "What it needs". */
  readonly aside?: ReactNode
  /** Label to the left of the control, where there is room. */
  readonly wide?: boolean
  readonly children: ReactNode
}

/** A label, its control, a hint, and what is wrong with what was entered. */
export function Field({ label, hint, error, optional, aside, wide, children }: FieldProps) {
  const id = useId()
  const hintId = `${id}-hint`
  const errorId = `${id}-error`
  const describedBy = cx(hint !== undefined && hintId, error !== undefined && errorId)
  return (
    <div className={cx(styles.field, wide && styles.wide)}>
      <div className={styles.head}>
        <label htmlFor={id} className={styles.label}>
          {label}
          {optional && <span className={styles.optional}> optional</span>}
        </label>
        {aside !== undefined && !wide && <span className={styles.aside}>{aside}</span>}
      </div>
      <div className={styles.body}>
        <FieldContext
          value={{ id, describedBy: describedBy === '' ? undefined : describedBy, invalid: error !== undefined }}
        >
          {children}
        </FieldContext>
        {wide && aside !== undefined && <div className={styles.aside}>{aside}</div>}
        {error !== undefined && (
          <p id={errorId} className={styles.error}>
            <CircleAlert size={14} aria-hidden />
            {error}
          </p>
        )}
        {hint !== undefined && (
          <p id={hintId} className={styles.hint}>
            {hint}
          </p>
        )}
      </div>
    </div>
  )
}

/** Fields that belong together under one name. */
export function FieldGroup({ legend, hint, children }: { legend: string; hint?: ReactNode; children: ReactNode }) {
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>{legend}</legend>
      {hint !== undefined && <p className={styles.hint}>{hint}</p>}
      {children}
    </fieldset>
  )
}
