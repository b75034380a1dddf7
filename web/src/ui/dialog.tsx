import { GitCommitHorizontal, X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { type ReactNode, useId, useState } from 'react'
import { Button, IconButton } from './button.tsx'
import { cx } from './class-names.ts'
import styles from './dialog.module.css'
import { TextInput } from './inputs.tsx'
import { useReturnFocus } from './return-focus.ts'

export interface DialogProps {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: ReactNode
  /** One sentence under the title. */
  readonly lead?: ReactNode
  readonly children?: ReactNode
  /** Buttons, the one that goes on last. */
  readonly actions?: ReactNode
  readonly wide?: boolean
  /** The person has to decide: no closing by Escape, a click beside it or the cross. */
  readonly insistent?: boolean
}

/** A question over the page. Focus stays in it, and goes back to where it came from. */
export function Dialog({ open, onClose, title, lead, children, actions, wide, insistent }: DialogProps) {
  const focus = useReturnFocus()
  const keep = insistent ? (event: Event): void => event.preventDefault() : undefined
  return (
    <Radix.Root open={open} onOpenChange={next => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={styles.scrim} />
        <Radix.Content
          className={cx(styles.dialog, wide && styles.wide)}
          {...focus}
          onEscapeKeyDown={keep}
          onPointerDownOutside={keep}
          onInteractOutside={keep}
          {...(lead === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <header className={styles.head}>
            <Radix.Title className={styles.title}>{title}</Radix.Title>
            {!insistent && (
              <Radix.Close asChild>
                <IconButton label="Close" icon={X} small />
              </Radix.Close>
            )}
          </header>
          {lead !== undefined && <Radix.Description className={styles.lead}>{lead}</Radix.Description>}
          {children !== undefined && <div className={styles.body}>{children}</div>}
          {actions !== undefined && <footer className={styles.actions}>{actions}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

export interface ConfirmDialogProps {
  readonly open: boolean
  readonly onClose: () => void
  readonly onConfirm: () => void
  readonly title: string
  /** What is going to happen, and what of it cannot be undone. */
  readonly children?: ReactNode
  /** What happens in Git: "One commit to main removes 3 files from clusters/prod." */
  readonly inGit?: ReactNode
  /** The verb on the button. */
  readonly confirm: string
  readonly danger?: boolean
  /** Has to be typed before the button works: for what cannot be brought back. */
  readonly typed?: string
  readonly busy?: boolean
}

/** Asks before something is done, and says what happens in Git. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { open, onClose, onConfirm, title, children, inGit, confirm, danger, typed, busy } = props
  const [text, setText] = useState('')
  const id = useId()
  const ready = typed === undefined || text === typed
  const close = (): void => {
    setText('')
    onClose()
  }
  return (
    <Dialog
      open={open}
      onClose={close}
      title={title}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button kind={danger ? 'danger' : 'primary'} type="submit" form={id} disabled={!ready} busy={busy}>
            {confirm}
          </Button>
        </>
      }
    >
      <form
        id={id}
        className={styles.confirm}
        onSubmit={event => {
          event.preventDefault()
          // React hands events of a dialog on to the form that the dialog is written in, which is not the one that is sent.
          event.stopPropagation()
          if (ready && !busy) onConfirm()
        }}
      >
        {children}
        {inGit !== undefined && (
          <p className={styles.git}>
            <GitCommitHorizontal size={16} aria-hidden />
            <span>{inGit}</span>
          </p>
        )}
        {typed !== undefined && (
          <label className={styles.typed} htmlFor={`${id}-typed`}>
            <span>
              Type <code>{typed}</code> to go on
            </span>
            <TextInput id={`${id}-typed`} mono value={text} onChange={event => setText(event.target.value)} />
          </label>
        )}
      </form>
    </Dialog>
  )
}
