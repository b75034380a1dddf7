import type {
  ConnectionDraftWish,
  ConnectionSettingsWish,
  ConnectionView,
  CredentialWish,
  ForgeInfo,
  ForgeKindName,
} from '../../../../src/server/contract/connections.ts'
import { sameHost } from './hosts.ts'

/** What stands in the form. */
export interface Form {
  readonly name: string
  readonly kind: ForgeKindName
  readonly host: string
  readonly settings: ConnectionSettingsWish
  /** How one signs in; a secret that is undefined is the stored one. */
  readonly signIn: 'token' | 'ssh'
  readonly token: string | undefined
  readonly privateKey: string | undefined
  readonly passphrase: string
}

const usual: ConnectionSettingsWish = {
  owner: '',
  personal: false,
  repository: 'fleet',
  branch: 'main',
  repositoryTemplate: '{app}',
  visibility: 'private',
  review: 'auto',
}

export function newForm(forge: ForgeInfo): Form {
  const common = { name: '', kind: forge.kind, host: forge.host ?? '', settings: usual }
  return { ...common, signIn: 'token', token: undefined, privateKey: undefined, passphrase: '' }
}

export function formOf({ name, kind, host, settings }: ConnectionView): Form {
  const signIn = kind === 'git' && !/^https?:/i.test(host) ? 'ssh' : 'token'
  return { name, kind, host, settings, signIn, token: undefined, privateKey: undefined, passphrase: '' }
}

/** Whether the stored secret still goes with what stands in the form. */
export function keepsSecret(form: Form, saved: ConnectionView | undefined): boolean {
  if (saved === undefined || saved.kind !== form.kind || !sameHost(saved.host, form.host)) return false
  return formOf(saved).signIn === form.signIn
}

export function draftOf(form: Form): ConnectionDraftWish {
  const { kind, settings, signIn } = form
  const optional = (text: string | undefined) => (text === undefined || text.trim() === '' ? undefined : text)
  const host = form.host.trim()
  return {
    name: form.name.trim() === '' ? defaultName(form) : form.name.trim(),
    kind,
    host,
    settings: {
      ...settings,
      username: optional(settings.username),
      ca: optional(settings.ca),
      proxy: optional(settings.proxy),
      knownHosts: kind === 'git' && signIn === 'ssh' ? (settings.knownHosts ?? '') : undefined,
    },
  }
}

/** What a connection is called when nobody says it. */
export function defaultName({ settings, host }: Form): string {
  const owner = settings.owner.trim()
  return (owner === '' ? host.trim().replace(/^https?:\/\//, '') : owner).slice(0, 100)
}

/** The secret that was typed; undefined: the stored one, or none yet. */
export function credentialOf({ signIn, token, privateKey, passphrase }: Form): CredentialWish | undefined {
  if (signIn === 'token') return token === undefined || token.trim() === '' ? undefined : { token }
  if (privateKey === undefined || privateKey.trim() === '') return undefined
  return { privateKey, ...(passphrase === '' ? {} : { passphrase }) }
}

/** The form with other values. Another host or kind takes the secret away that was typed for the one before. */
export function changed(form: Form, change: Partial<Form>): Form {
  const next = { ...form, ...change }
  const moved = !sameHost(form.host, next.host) || form.kind !== next.kind
  return moved ? { ...next, token: undefined, privateKey: undefined, passphrase: '' } : next
}

/** What a host is asked about, as one text: a proof holds for the form as long as this stays the same. */
export function askedOf(form: Form): string {
  const { name: _, settings, ...draft } = draftOf(form)
  const { repositoryTemplate: __, ...asked } = settings
  return JSON.stringify([draft, asked, credentialOf(form) ?? null])
}
