import { LoaderCircle, type LucideIcon } from 'lucide-react'
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import { Link } from 'wouter'
import styles from './button.module.css'
import { cx } from './class-names.ts'
import { Tooltip } from './tooltip.tsx'

interface Look {
  /** `primary`: the one thing to do here. `quiet`: with an edge. `plain`: without. `danger`: takes something away. */
  readonly kind?: 'primary' | 'quiet' | 'plain' | 'danger'
  readonly small?: boolean
  readonly icon?: LucideIcon
}

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement>, Look {
  /** The work is under way: the button keeps its width, its words and the focus, and takes no second press. */
  readonly busy?: boolean
  readonly ref?: Ref<HTMLButtonElement>
}

const look = ({ kind = 'quiet', small }: Look): string => cx(styles.button, styles[kind], small && styles.small)

/** A verb that says what happens: "Commit to main", "Open pull request". */
export function Button({ kind, small, icon: Icon, busy = false, children, onClick, className, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={cx(look({ kind, small }), busy && styles.busy, className)}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={busy ? event => event.preventDefault() : onClick}
    >
      {busy ? <LoaderCircle size={16} className={styles.spin} aria-hidden /> : Icon && <Icon size={16} aria-hidden />}
      <span className={styles.words}>{children}</span>
    </button>
  )
}

/** A link within the console that looks like a button, because it starts something. */
export function LinkButton({ to, kind, small, icon: Icon, children }: Look & { to: string; children: ReactNode }) {
  return (
    <Link href={to} className={look({ kind, small })}>
      {Icon && <Icon size={16} aria-hidden />}
      <span className={styles.words}>{children}</span>
    </Link>
  )
}

/** A button that is an icon; its label is read out, and shown on hover and focus. */
export function IconButton({
  label,
  icon: Icon,
  small,
  className,
  ...rest
}: Omit<ButtonProps, 'kind' | 'busy' | 'icon' | 'children'> & { label: string; icon: LucideIcon }) {
  return (
    <Tooltip text={label}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        className={cx(styles.button, styles.plain, styles.square, small && styles.small, className)}
      >
        <Icon size={16} aria-hidden />
      </button>
    </Tooltip>
  )
}
