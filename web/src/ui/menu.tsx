import { Check, type LucideIcon } from 'lucide-react'
import { DropdownMenu as Radix } from 'radix-ui'
import type { ReactElement, ReactNode } from 'react'
import { cx } from './class-names.ts'
import styles from './menu.module.css'

/** A menu of actions under a button. It does not lock the page behind it. */
export function Menu({
  trigger,
  align = 'end',
  children,
}: {
  trigger: ReactElement
  align?: 'start' | 'end'
  children: ReactNode
}) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={styles.menu} align={align} sideOffset={4} collisionPadding={8} loop>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

export function MenuItem({
  icon: Icon,
  onSelect,
  danger,
  disabled,
  shortcut,
  children,
}: {
  icon?: LucideIcon
  onSelect: () => void
  danger?: boolean
  disabled?: boolean
  shortcut?: ReactNode
  children: ReactNode
}) {
  return (
    <Radix.Item className={cx(styles.item, danger && styles.danger)} onSelect={onSelect} disabled={disabled}>
      {Icon && <Icon size={16} aria-hidden />}
      <span className={styles.words}>{children}</span>
      {shortcut}
    </Radix.Item>
  )
}

/** One of a few, with a tick before the one that holds. */
export function MenuChoice<V extends string>({
  label,
  value,
  onChange,
  choices,
}: {
  label: string
  value: V
  onChange: (value: V) => void
  choices: readonly { readonly value: V; readonly label: ReactNode; readonly detail?: ReactNode }[]
}) {
  return (
    <Radix.RadioGroup value={value} onValueChange={next => onChange(next as V)} aria-label={label}>
      <Radix.Label className={styles.label}>{label}</Radix.Label>
      {choices.map(choice => (
        <Radix.RadioItem key={choice.value} value={choice.value} className={cx(styles.item, styles.radio)}>
          <Radix.ItemIndicator className={styles.tick}>
            <Check size={16} aria-hidden />
          </Radix.ItemIndicator>
          <span className={styles.words}>{choice.label}</span>
          {choice.detail !== undefined && <span className={styles.detail}>{choice.detail}</span>}
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  )
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className={styles.label}>{children}</Radix.Label>
}

export function MenuSeparator() {
  return <Radix.Separator className={styles.separator} />
}
