import { SluiceError } from '../base/errors/index.ts'
import { credentialHost } from '../credentials/host.ts'
import { parseForgeKind } from '../forges/index.ts'
import type { ConnectionDraft } from './types.ts'

/** A field that cannot be right, before any host is asked. */
export interface DraftProblem {
  readonly path: readonly string[]
  readonly message: string
}

const limits = { name: 100, host: 500, owner: 400, ca: 256 * 1024, knownHosts: 64 * 1024 } as const

/** A draft without needless spaces. @throws E_CONNECTION_INVALID with `details.fields` */
export function checkDraft(draft: ConnectionDraft): ConnectionDraft {
  const { settings } = draft
  const kind = parseForgeKind(draft.kind)
  const host = draft.host.trim().replace(kind === 'git' ? /\s/g : /\/+$/, '')
  const clean: ConnectionDraft = {
    name: draft.name.trim(),
    kind,
    host,
    settings: {
      ...settings,
      owner: settings.owner.trim().replace(/^\/+|\/+$/g, ''),
      username: blank(settings.username),
      ca: blank(settings.ca),
      proxy: blank(settings.proxy),
      knownHosts: blank(settings.knownHosts),
    },
  }
  const fields = problemsOf(clean)
  if (fields.length === 0) return clean
  throw new SluiceError('E_CONNECTION_INVALID', {
    object: `connection ${clean.name || 'without a name'}`,
    seen: fields.map(one => `${one.path.at(-1)}: ${one.message}`).join('; '),
    details: { fields },
  })
}

function problemsOf({ name, kind, host, settings }: ConnectionDraft): DraftProblem[] {
  const out: DraftProblem[] = []
  const wrong = (path: readonly string[], message: string) => out.push({ path, message })
  if (name === '') wrong(['name'], 'is needed')
  if (name.length > limits.name) wrong(['name'], `at most ${limits.name} characters`)
  if (host === '' || host.length > limits.host) wrong(['host'], 'is needed')
  else if (kind !== 'git' && !isHost(host)) wrong(['host'], 'expected a host such as github.com or git.example.com')
  if (/^[^:]+:\/\/[^/]*@/.test(host) && kind !== 'git') wrong(['host'], 'leave out user and password')
  if (kind !== 'git' && settings.owner === '') wrong(['settings', 'owner'], 'is needed: organization, group or user')
  if (settings.owner.length > limits.owner) wrong(['settings', 'owner'], `at most ${limits.owner} characters`)
  if (settings.ca !== undefined && !/-----BEGIN CERTIFICATE-----/.test(settings.ca))
    wrong(['settings', 'ca'], 'expected certificates in PEM form')
  if ((settings.ca?.length ?? 0) > limits.ca) wrong(['settings', 'ca'], 'is too long')
  if ((settings.knownHosts?.length ?? 0) > limits.knownHosts) wrong(['settings', 'knownHosts'], 'is too long')
  if (settings.proxy !== undefined) {
    const proxy = URL.canParse(settings.proxy) ? new URL(settings.proxy) : undefined
    if (!proxy || !/^https?:$/.test(proxy.protocol)) wrong(['settings', 'proxy'], 'expected http://host:port')
    else if (proxy.username !== '' || proxy.password !== '') wrong(['settings', 'proxy'], 'leave out user and password')
  }
  const example = settings.repositoryTemplate.replaceAll('{app}', 'a').replaceAll('{project}', 'p')
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(example))
    wrong(['settings', 'repositoryTemplate'], 'expected letters, digits, . _ - and {app}, {project}')
  else if (!settings.repositoryTemplate.includes('{app}'))
    wrong(['settings', 'repositoryTemplate'], 'needs {app}: two applications may not share a repository')
  return out
}

function isHost(text: string): boolean {
  try {
    credentialHost(text)
    return true
  } catch {
    return false
  }
}

function blank(text: string | undefined): string | undefined {
  const trimmed = text?.trim()
  return trimmed === '' ? undefined : trimmed
}
