import { CircleAlert, CircleCheck, LoaderCircle } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { ConnectionView, ForgeInfo, OwnerView } from '../../../../src/server/contract/connections.ts'
import { api } from '../../data/api.ts'
import { asApiError } from '../../data/api-error.ts'
import { Checkbox } from '../../ui/choices.tsx'
import { Field } from '../../ui/field.tsx'
import { TextInput } from '../../ui/inputs.tsx'
import { credentialOf, draftOf, type Form, keepsSecret } from './form-state.ts'
import styles from './gitops.module.css'
import { hostNames } from './hosts.ts'

type Found =
  | { readonly state: 'idle' | 'busy' }
  | { readonly state: 'found'; readonly owner: NonNullable<OwnerView['owner']> }
  | { readonly state: 'none' }
  | { readonly state: 'failed'; readonly words: string }

/** Long enough that a person who types is not looked over the shoulder at every letter. */
const restMs = 450

/** Who owns the repositories; looked up on the host as it is typed, as soon as there is a token to look with. */
export function OwnerField({
  form,
  forge,
  saved,
  error,
  onChange,
}: {
  form: Form
  forge: ForgeInfo
  saved: ConnectionView | undefined
  error: string | undefined
  onChange: (settings: Partial<Form['settings']>) => void
}) {
  const found = useOwner(form, saved, owner => onChange({ personal: owner.kind === 'user' }))
  const { settings, kind } = form
  return (
    <>
      <Field
        wide
        label={forge.ownerWord}
        error={error}
        hint={<OwnerWords found={found} form={form} noun={forge.ownerWord.toLowerCase()} />}
      >
        <TextInput
          mono
          required
          value={settings.owner}
          placeholder={kind === 'gitlab' ? 'acme/platform, or its id' : 'acme-platform'}
          onChange={event => onChange({ owner: event.target.value })}
          suffix={
            found.state === 'busy' ? (
              <LoaderCircle size={16} className={styles.spin} aria-label="Looking it up" />
            ) : found.state === 'found' ? (
              <CircleCheck size={16} className={styles.good} aria-label="Found" />
            ) : found.state === 'none' || found.state === 'failed' ? (
              <CircleAlert size={16} className={styles.warn} aria-label="Not found" />
            ) : undefined
          }
        />
      </Field>
      <div className={styles.indented}>
        <Checkbox
          label="This is the account of the token itself"
          checked={settings.personal}
          onChange={personal => onChange({ personal })}
        />
      </div>
    </>
  )
}

function OwnerWords({ found, form, noun }: { found: Found; form: Form; noun: string }): ReactNode {
  if (found.state === 'found') {
    const { kind, name, role, roleTitle, mayCreateRepositories } = found.owner
    const you = roleTitle ?? (role === 'admin' ? 'an owner' : role === 'member' ? 'a member' : undefined)
    if (kind === 'user') return `Found: ${name} is an account of a person.`
    const create = mayCreateRepositories === false ? ' You may not create repositories there.' : ''
    if (role === 'pending') return `Found: ${name} has invited you, and you have not accepted yet.`
    if (role === 'none') return `Found: ${name}. You are not a member of it.`
    return `Found: ${name}${you === undefined ? '' : `. You are ${you}`}.${create}`
  }
  if (found.state === 'none') return `${hostNames[form.kind]} shows no ${noun} of this name to this token.`
  if (found.state === 'failed') return found.words
  if (found.state === 'busy') return 'Looking it up …'
  return `The ${noun} or user that owns the repositories. It is looked up when there is a token.`
}

function useOwner(
  form: Form,
  saved: ConnectionView | undefined,
  onFound: (owner: NonNullable<OwnerView['owner']>) => void,
): Found {
  const [found, setFound] = useState<Found>({ state: 'idle' })
  const tell = useRef(onFound)
  tell.current = onFound
  const latest = useRef(form)
  latest.current = form
  const credential = credentialOf(form)
  const { host, kind, settings } = form
  const kept = credential === undefined && keepsSecret(form, saved)
  const key = JSON.stringify([kind, host, settings.owner, settings.username, settings.proxy, settings.ca, credential])
  const ready = settings.owner.trim() !== '' && host.trim() !== '' && (credential !== undefined || kept)
  const id = saved?.id

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for all that the question is made of
  useEffect(() => {
    if (!ready) {
      setFound({ state: 'idle' })
      return
    }
    const stop = new AbortController()
    const timer = setTimeout(() => {
      setFound({ state: 'busy' })
      const asked = latest.current
      const secret = credentialOf(asked)
      const body = {
        draft: draftOf(asked),
        ...(secret === undefined ? {} : { credential: secret }),
        ...(secret === undefined && id !== undefined ? { connection: id } : {}),
      }
      api<OwnerView>('/connections/owners', { method: 'POST', body, signal: stop.signal }).then(
        ({ owner, why }) => {
          if (stop.signal.aborted) return
          if (why !== undefined) return setFound({ state: 'failed', words: `It could not be looked up: ${why}` })
          setFound(owner === undefined ? { state: 'none' } : { state: 'found', owner })
          if (owner !== undefined) tell.current(owner)
        },
        (thrown: unknown) => {
          if (stop.signal.aborted) return
          const { problem } = asApiError(thrown)
          setFound({ state: 'failed', words: `It could not be looked up: ${problem.message}` })
        },
      )
    }, restMs)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [key, ready, id])
  return found
}
