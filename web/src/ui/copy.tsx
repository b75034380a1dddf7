import { Check, Copy as CopyIcon } from 'lucide-react'
import { useEffect, useState } from 'react'
import { IconButton } from './button.tsx'

/** Puts text on the clipboard and says so. */
export function Copy({ text, what }: { text: string; what: string }) {
  const [state, setState] = useState<'idle' | 'done' | 'failed'>('idle')
  useEffect(() => {
    if (state === 'idle') return
    const timer = setTimeout(() => setState('idle'), 1_600)
    return () => clearTimeout(timer)
  }, [state])
  const label = state === 'done' ? 'Copied' : state === 'failed' ? 'The browser refused to copy' : `Copy ${what}`
  return (
    <>
      <IconButton
        small
        label={label}
        icon={state === 'done' ? Check : CopyIcon}
        onClick={event => {
          event.stopPropagation()
          navigator.clipboard.writeText(text).then(
            () => setState('done'),
            () => setState('failed'),
          )
        }}
      />
      <span role="status" className="visually-hidden">
        {state === 'idle' ? '' : label}
      </span>
    </>
  )
}
