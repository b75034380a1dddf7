import {
  FilePen,
  GitBranch,
  History,
  KeyRound,
  Network,
  Package,
  Plus,
  RotateCw,
  Scaling,
  UserPlus,
} from 'lucide-react'
import type { Role } from '../../../src/server/contract/access.ts'
import type { Job } from '../../../src/server/contract/live.ts'
import type { SearchView } from '../../../src/server/contract/search.ts'
import { api } from '../data/api.ts'
import { asApiError } from '../data/api-error.ts'
import type { PaletteEntry } from '../frame/palette-sources.ts'
import { toast } from '../ui/toast.tsx'
import { appPath } from './applications/words.ts'

/** One thing that the server's search found. */
export type Hit<K extends keyof SearchView> = SearchView[K][number]

type May = (role: Role, scope?: { project?: string; environment?: string }) => boolean

const verbs = ['scale', 'reconcile', 'edit', 'history'] as const
type Verb = (typeof verbs)[number]

/** `scale web` is the verb and what it is done to. */
export function verbOf(text: string): { readonly verb: Verb | undefined; readonly rest: string } {
  const [first = '', ...others] = text.trim().split(/\s+/)
  const verb = verbs.find(one => one === first.toLowerCase())
  return verb === undefined ? { verb, rest: text.trim() } : { verb, rest: others.join(' ') }
}

const groupHref = ({ namespace, cluster, name }: Hit<'groups'>): string =>
  `/fleet?open=${encodeURIComponent(`${namespace}/${cluster}/${name}`)}`

export const groupEntry = (group: Hit<'groups'>): PaletteEntry => ({
  id: `${group.namespace}/${group.cluster}/${group.name}`,
  title: `${group.cluster} / ${group.name}`,
  detail: 'node group',
  icon: Network,
  run: { to: groupHref(group) },
})

/** What one may begin from anywhere. Each leads to its form: nothing is committed from here. */
export function fixedActions(may: May): readonly PaletteEntry[] {
  const all: readonly (PaletteEntry & { readonly role: Role; readonly everywhere?: true })[] = [
    { id: 'create', title: 'Create application', icon: Plus, role: 'operator', run: { to: '/applications/new' } },
    {
      id: 'repository',
      title: 'Add chart repository',
      icon: Package,
      role: 'operator',
      everywhere: true,
      run: { to: '/charts?view=repositories&open=new' },
    },
    {
      id: 'connect',
      title: 'Connect a Git host',
      words: ['github', 'gitlab', 'gitea', 'bitbucket', 'azure', 'connection', 'token'],
      icon: GitBranch,
      role: 'administrator',
      everywhere: true,
      run: { to: '/gitops?new=github' },
    },
    {
      id: 'user',
      title: 'Add user',
      icon: UserPlus,
      role: 'administrator',
      everywhere: true,
      run: { to: '/users?open=new' },
    },
    { id: 'token', title: 'Make API token', icon: KeyRound, role: 'viewer', run: { to: '/tokens?open=new' } },
  ]
  return all.filter(one => may(one.role, one.everywhere ? { project: '*', environment: '*' } : undefined))
}

/** What can be done with what was found. */
export function actionsOn(found: SearchView, may: May, verb: Verb | undefined): readonly PaletteEntry[] {
  const wants = (one: Verb): boolean => verb === undefined || verb === one
  const mayScale = ({ cluster, inGit }: Hit<'groups'>) =>
    inGit && may('operator', { project: 'fleet', environment: cluster })
  const mayReconcile = ({ role, suspended, project = '*', environment = '*' }: Hit<'objects'>) =>
    role !== 'object' && !suspended && may('operator', { project, environment })
  const all = [
    ...(wants('scale') ? found.groups.filter(mayScale).map(scaleEntry) : []),
    ...(wants('reconcile') ? found.objects.filter(mayReconcile).map(reconcileEntry) : []),
    ...(wants('edit') ? found.applications.filter(one => may('operator', one)).map(editEntry) : []),
    ...(wants('history') ? found.applications.map(historyEntry) : []),
  ]
  return verb === undefined ? all.slice(0, 4) : all
}

const scaleEntry = (group: Hit<'groups'>): PaletteEntry => ({
  ...groupEntry(group),
  id: `scale ${group.namespace}/${group.cluster}/${group.name}`,
  title: `Scale ${group.cluster} / ${group.name}`,
  detail: 'by a commit',
  icon: Scaling,
})

const editEntry = ({ name }: Hit<'applications'>): PaletteEntry => ({
  id: `edit ${name}`,
  title: `Edit values of ${name}`,
  detail: 'by a commit',
  icon: FilePen,
  run: { to: appPath(name, { view: 'values' }) },
})

const historyEntry = ({ name }: Hit<'applications'>): PaletteEntry => ({
  id: `history ${name}`,
  title: `History of ${name}`,
  icon: History,
  run: { to: appPath(name, { view: 'history' }) },
})

const reconcileEntry = ({ id, kind, name, role }: Hit<'objects'>): PaletteEntry => ({
  id: `reconcile ${id}`,
  title: `Reconcile ${kind} ${name}`,
  detail: 'now',
  icon: RotateCw,
  run: () => void reconcile(id, `${kind} ${name}`, role === 'applier'),
})

const lookMs = 1000
const longestMs = 330_000

/** Asks for it and says how it ended, wherever one is by then. */
async function reconcile(id: string, what: string, withSource: boolean): Promise<void> {
  try {
    let job = await api<Job>(`/reconciliation/objects/${encodeURIComponent(id)}/reconcile`, {
      method: 'POST',
      body: { withSource },
    })
    toast('moving', `Reconciling ${what}.`)
    for (const end = Date.now() + longestMs; job.state === 'running' && Date.now() < end; ) {
      await new Promise(done => setTimeout(done, lookMs))
      job = await api<Job>(`/jobs/${encodeURIComponent(job.id)}`)
    }
    if (job.state === 'done') toast('agreed', `${what} is reconciled.`)
    else if (job.state !== 'running') toast('broken', `${what}: ${job.error?.message ?? 'it did not get there'}`)
  } catch (thrown) {
    toast('broken', `${what}: ${asApiError(thrown).problem.message}`)
  }
}
