import { X } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { IconButton } from './button.tsx'
import { type State, StateIcon } from './state.tsx'
import styles from './toast.module.css'

interface Toast {
  readonly id: number
  readonly state: State
  readonly text: string
}

let toasts: readonly Toast[] = []
let count = 0
const listeners = new Set<() => void>()

function set(next: readonly Toast[]): void {
  toasts = next
  for (const listener of listeners) listener()
}

const dismiss = (id: number): void => set(toasts.filter(t => t.id !== id))

/** For what has happened out of sight. What concerns something on the page is shown where that is. */
export function toast(state: State, text: string): void {
  count += 1
  const id = count
  set([...toasts.slice(-2), { id, state, text }])
  setTimeout(() => dismiss(id), 8_000)
}

/** Where toasts appear; the frame holds one. */
export function Toasts() {
  const shown = useSyncExternalStore(
    listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => toasts,
  )
  return (
    <div role="status" className={styles.toasts}>
      {shown.map(t => (
        <div key={t.id} className={styles.toast}>
          <StateIcon state={t.state} />
          <span className={styles.text}>{t.text}</span>
          <IconButton small label="Dismiss" icon={X} onClick={() => dismiss(t.id)} />
        </div>
      ))}
    </div>
  )
}
