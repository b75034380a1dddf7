import { Popover } from 'radix-ui'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { asApiError } from '../data/api-error.ts'
import { cx } from './class-names.ts'
import styles from './combobox.module.css'
import { TextInput } from './inputs.tsx'

export interface Suggestion {
  readonly value: string
  readonly label?: ReactNode
  /** On the right: an id, a role. */
  readonly detail?: ReactNode
}

export interface ComboboxProps {
  readonly value: string
  readonly onChange: (value: string) => void
  /** Called as one types, after a short rest; the one before is aborted. */
  readonly lookup: (text: string, signal: AbortSignal) => Promise<readonly Suggestion[]>
  readonly placeholder?: string
  readonly mono?: boolean
  readonly suffix?: ReactNode
  readonly disabled?: boolean
}

type Found = { readonly items: readonly Suggestion[]; readonly failed?: string; readonly busy: boolean }
const nothing: Found = { items: [], busy: false }

/** Text that is looked up as it is typed. What is typed stands on its own: a lookup that fails keeps nobody from going on. */
export function Combobox({ value, onChange, lookup, placeholder, mono, suffix, disabled }: ComboboxProps) {
  const listId = useId()
  const [open, setOpen] = useState(false)
  const [at, setAt] = useState(-1)
  const [found, setFound] = useState<Found>(nothing)
  const ask = useRef(lookup)
  ask.current = lookup

  useEffect(() => {
    if (!open) return
    const stop = new AbortController()
    const timer = setTimeout(() => {
      setFound(before => ({ ...before, busy: true }))
      ask.current(value, stop.signal).then(
        items => {
          if (stop.signal.aborted) return
          setFound({ items, busy: false })
          setAt(-1)
        },
        (thrown: unknown) => {
          if (!stop.signal.aborted) setFound({ items: [], busy: false, failed: asApiError(thrown).message })
        },
      )
    }, 180)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [value, open])

  const choose = (item: Suggestion): void => {
    onChange(item.value)
    setOpen(false)
  }
  const move = (step: number): void => {
    setOpen(true)
    const count = found.items.length
    if (count > 0) setAt(before => (before + step + count + (before < 0 && step < 0 ? 1 : 0)) % count)
  }
  const shown =
    open && !disabled && (found.items.length > 0 || found.failed !== undefined || found.busy || value !== '')
  return (
    <Popover.Root open={shown} onOpenChange={setOpen}>
      <Popover.Anchor asChild>
        <div>
          <TextInput
            role="combobox"
            aria-expanded={shown}
            aria-controls={shown ? listId : undefined}
            aria-autocomplete="list"
            aria-activedescendant={shown && at >= 0 ? `${listId}-${at}` : undefined}
            value={value}
            placeholder={placeholder}
            mono={mono}
            suffix={suffix}
            disabled={disabled}
            onChange={event => {
              onChange(event.target.value)
              setOpen(true)
            }}
            onBlur={() => setOpen(false)}
            onKeyDown={event => {
              const item = found.items[at]
              if (event.key === 'ArrowDown') move(1)
              else if (event.key === 'ArrowUp') move(-1)
              else if (event.key === 'Enter' && shown && item !== undefined) choose(item)
              else if (event.key === 'Escape' && shown) setOpen(false)
              else return
              event.preventDefault()
              event.stopPropagation()
            }}
          />
        </div>
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          className={styles.popover}
          align="start"
          sideOffset={4}
          onOpenAutoFocus={event => event.preventDefault()}
          onCloseAutoFocus={event => event.preventDefault()}
          onMouseDown={event => event.preventDefault()}
          aria-label="Suggestions"
        >
          <div id={listId} className={styles.list} role="listbox" aria-label="Suggestions" aria-busy={found.busy}>
            {found.items.map((item, index) => (
              <div
                key={item.value}
                id={`${listId}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === at}
                className={cx(styles.option, index === at && styles.active)}
                onMouseEnter={() => setAt(index)}
                onClick={() => choose(item)}
                onKeyDown={() => {}}
              >
                <span className={cx(styles.label, mono && styles.mono)}>{item.label ?? item.value}</span>
                {item.detail !== undefined && <span className={styles.detail}>{item.detail}</span>}
              </div>
            ))}
          </div>
          {found.items.length === 0 && (
            <p className={styles.note} role="status">
              {found.busy ? 'Looking …' : (found.failed ?? 'Nothing found. What you typed is taken as it is.')}
            </p>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
