import { Plus, X } from 'lucide-react'
import { useId, useState } from 'react'
import { Button, IconButton } from '../ui/button.tsx'
import { useFieldProps } from '../ui/field.tsx'
import { Select, TextArea, TextInput } from '../ui/inputs.tsx'
import type { Shape } from './shape.ts'
import { isMap, same } from './tree.ts'
import styles from './values.module.css'
import { readValues, writeValues } from './values-text.ts'

interface ControlProps {
  readonly shape: Shape
  readonly value: unknown
  /** Read out, where no field gives a label. */
  readonly label?: string
  /** `undefined`: nothing. */
  readonly onChange: (value: unknown) => void
}

/** The control of one value that is not a group. What is typed is never lost: what does not fit is said, not thrown away. */
export function Control(props: ControlProps) {
  switch (props.shape.kind) {
    case 'switch':
      return typeof props.value === 'boolean' || props.value === undefined || props.value === null ? (
        <YesNo {...props} />
      ) : (
        <Scalar {...props} />
      )
    case 'choice':
      return <Choice {...props} />
    case 'list':
      return Array.isArray(props.value) || props.value === undefined || props.value === null ? (
        <List {...props} />
      ) : (
        <Anything {...props} />
      )
    case 'number':
    case 'text':
      return typeof props.value === 'object' && props.value !== null ? <Anything {...props} /> : <Scalar {...props} />
    default:
      return <Anything {...props} />
  }
}

function YesNo({ value, label, onChange }: ControlProps) {
  const field = useFieldProps()
  const { id, ...described } = field
  return (
    <span className={styles.yesNo}>
      <input
        type="checkbox"
        role="switch"
        aria-checked={value === true}
        id={id}
        {...described}
        aria-label={label}
        className={styles.switch}
        checked={value === true}
        onChange={event => onChange(event.target.checked)}
      />
      <span aria-hidden>{value === true ? 'on' : 'off'}</span>
    </span>
  )
}

function Choice({ shape, value, label, onChange }: ControlProps) {
  const choices = shape.choices ?? []
  const at = choices.findIndex(choice => same(choice, value))
  const options = choices.map((choice, index) => ({
    value: String(index),
    label: choice === '' ? 'none' : String(choice),
  }))
  if (at < 0) {
    const words = value === undefined || value === null ? 'not set' : `${JSON.stringify(value)} (not one of these)`
    options.unshift({ value: '', label: words })
  }
  return (
    <Select
      aria-label={label}
      options={options}
      value={at < 0 ? '' : String(at)}
      onChange={event => onChange(event.target.value === '' ? undefined : choices[Number(event.target.value)])}
    />
  )
}

/** A number is one where it reads as one, in full; else the text stays, and the schema says that it does not fit. */
function scalarOf(text: string, shape: Shape, before: unknown): unknown {
  const number = /^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(text) ? Number(text) : undefined
  if (shape.kind === 'number') return text.trim() === '' ? undefined : (number ?? text)
  if (shape.mixed && typeof before === 'number' && number !== undefined) return number
  if (shape.mixed && typeof before === 'boolean' && /^(true|false)$/.test(text)) return text === 'true'
  return text
}

function Scalar({ shape, value, label, onChange }: ControlProps) {
  const [typed, setTyped] = useState<string>()
  const shown = value === undefined || value === null ? '' : String(value)
  const number = shape.kind === 'number'
  const props = {
    'aria-label': label,
    value: typed ?? shown,
    required: false,
    placeholder: value === undefined || value === null ? 'not set' : undefined,
    onBlur: () => setTyped(undefined),
  }
  if (!number && shown.includes('\n')) {
    return (
      <TextArea
        mono
        {...props}
        rows={Math.min(12, shown.split('\n').length + 1)}
        onChange={event => {
          setTyped(event.target.value)
          onChange(scalarOf(event.target.value, shape, value))
        }}
      />
    )
  }
  return (
    <TextInput
      mono
      {...props}
      inputMode={number ? 'decimal' : undefined}
      className={number ? styles.number : undefined}
      onChange={event => {
        setTyped(event.target.value)
        onChange(scalarOf(event.target.value, shape, value))
      }}
    />
  )
}

function List({ shape, value, label, onChange }: ControlProps) {
  const items = Array.isArray(value) ? (value as unknown[]) : []
  const item = shape.item!
  const { id, 'aria-describedby': describedBy } = useFieldProps()
  const name = label ?? shape.title
  const put = (at: number, next: unknown): void =>
    onChange(items.map((old, index) => (index === at ? (next ?? empty(item)) : old)))
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend, and the field's label is one
    <div role="group" aria-label={name} aria-describedby={describedBy} className={styles.items}>
      {items.map((one, at) => (
        // A list is its order: an item is the place that it has.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <div key={at} className={styles.item}>
          {item.kind === 'group' && isMap(one) ? (
            <Anything shape={item} value={one} label={`${name}, item ${at + 1}`} onChange={next => put(at, next)} />
          ) : (
            <Control shape={item} value={one} label={`${name}, item ${at + 1}`} onChange={next => put(at, next)} />
          )}
          <IconButton
            small
            label={`Remove item ${at + 1} of ${name}`}
            icon={X}
            onClick={() => onChange(items.filter((_, index) => index !== at))}
          />
        </div>
      ))}
      <div>
        <Button small id={id} icon={Plus} onClick={() => onChange([...items, empty(item)])}>
          Add to {name.toLowerCase()}
        </Button>
      </div>
    </div>
  )
}

function empty(shape: Shape): unknown {
  if (shape.kind === 'number') return shape.minimum ?? 0
  if (shape.kind === 'switch') return false
  if (shape.kind === 'choice') return shape.choices?.[0] ?? ''
  return shape.kind === 'group' ? {} : ''
}

/** What no other control is for: as YAML. */
function Anything({ value, label, onChange }: ControlProps) {
  const [typed, setTyped] = useState<string>()
  const id = useId()
  const wrong = typed === undefined ? undefined : readValues(wrap(typed)).problems[0]?.message
  const shown = value === undefined || value === null ? '' : unwrap(writeValues({ v: value }))
  const text = typed ?? shown
  return (
    <span className={styles.anything}>
      <TextArea
        mono
        aria-label={label}
        placeholder="nothing; YAML goes here"
        rows={Math.max(2, Math.min(14, text.split('\n').length))}
        value={text}
        onBlur={() => wrong === undefined && setTyped(undefined)}
        onChange={event => {
          setTyped(event.target.value)
          if (event.target.value.trim() === '') onChange(undefined)
          else {
            const read = readValues(wrap(event.target.value))
            if (read.values !== undefined) onChange(read.values['v'])
          }
        }}
      />
      {wrong !== undefined && (
        <span id={id} role="alert" className={styles.wrong}>
          Not taken over: {wrong}
        </span>
      )}
    </span>
  )
}

const wrap = (text: string): string => `v:\n${text.replace(/^/gm, '  ')}\n`

/** `v: 1` → `1`; `v:\n  a: 1` → `a: 1`. */
function unwrap(text: string): string {
  const body = text.replace(/^v:[ \n]?/, '').replace(/\n$/, '')
  return text.startsWith('v:\n') ? body.replace(/^ {2}/gm, '') : body
}
