import { Boxes, GitCommitHorizontal, Package, Server, Workflow } from 'lucide-react'
import { useEffect } from 'react'
import type { SearchView } from '../../../src/server/contract/search.ts'
import { api } from '../data/api.ts'
import { useMay } from '../data/session.tsx'
import { addPaletteSource, filterEntries, type PaletteEntry } from '../frame/palette-sources.ts'
import { safeAddress } from '../ui/safe-address.ts'
import { appPath, chartPath } from './applications/words.ts'
import { clusterHref } from './fleet/words.ts'
import { actionsOn, fixedActions, groupEntry, type Hit, verbOf } from './palette-actions.ts'

/** Everything that has a name, and what can be done with it, is in the palette. The server searches; nothing is loaded ahead. */
export function useSearchSources(): void {
  const may = useMay()
  useEffect(() => {
    const from = (id: string, title: string, entries: (found: SearchView) => readonly PaletteEntry[]) =>
      addPaletteSource({
        id,
        title,
        find: (text, signal) => (text.trim() === '' ? [] : search(text, signal).then(entries)),
      })
    const stops = [
      from('applications', 'Applications', found => found.applications.map(applicationEntry)),
      from('fleet', 'Clusters and node groups', found => [
        ...found.clusters.map(clusterEntry),
        ...found.groups.map(groupEntry),
      ]),
      from('charts', 'Charts', found => found.charts.map(chartEntry)),
      from('objects', 'Objects', found => found.objects.map(objectEntry)),
      from('commits', 'Commits', found => found.commits.flatMap(commitEntry)),
      addPaletteSource({
        id: 'actions',
        title: 'Actions',
        find: async (text, signal) => {
          const fixed = filterEntries(fixedActions(may), text)
          if (text.trim() === '') return fixed
          const { verb, rest } = verbOf(text)
          if (rest === '') return fixed
          return [...fixed, ...actionsOn(await search(rest, signal), may, verb)]
        },
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [may])
}

const pauseMs = 120
const asked = new WeakMap<AbortSignal, Map<string, Promise<SearchView>>>()

/** One request for all sources, when the typing pauses. A verb before the name is not searched for. */
function search(text: string, signal: AbortSignal): Promise<SearchView> {
  const name = verbOf(text).rest || text
  const known = asked.get(signal) ?? new Map<string, Promise<SearchView>>()
  asked.set(signal, known)
  const before = known.get(name)
  if (before !== undefined) return before
  const answer = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, pauseMs)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason)
    })
  }).then(() => api<SearchView>('/search', { signal, query: { text: name.slice(0, 200) } }))
  known.set(name, answer)
  return answer
}

const applicationEntry = ({ name, title, project }: Hit<'applications'>): PaletteEntry => ({
  id: name,
  title: name,
  detail: title !== '' && title !== name ? `${title} · ${project}` : project,
  icon: Boxes,
  run: { to: appPath(name) },
})

const clusterEntry = (cluster: Hit<'clusters'>): PaletteEntry => ({
  id: `${cluster.namespace}/${cluster.name}`,
  title: cluster.name,
  detail: `${cluster.role} cluster`,
  icon: Server,
  run: { to: clusterHref(cluster) },
})

const chartEntry = ({ repository, name, version }: Hit<'charts'>): PaletteEntry => ({
  id: `${repository}/${name}`,
  title: name,
  detail: `${repository} ${version}`,
  icon: Package,
  run: { to: chartPath({ kind: 'Chart', repository, name, version })! },
})

const objectHref = (id: string): string => `/reconciliation?open=${encodeURIComponent(id)}`

const objectEntry = ({ id, kind, namespace, name, word }: Hit<'objects'>): PaletteEntry => ({
  id,
  title: name,
  detail: `${[kind, namespace].filter(Boolean).join(' in ')} · ${word}`,
  icon: Workflow,
  run: { to: objectHref(id) },
})

function commitEntry({ sha, subject, author, url }: Hit<'commits'>): PaletteEntry[] {
  const address = safeAddress(url)
  if (address === undefined) return []
  return [
    {
      id: sha,
      title: `${sha.slice(0, 7)} ${subject}`,
      detail: author.name,
      icon: GitCommitHorizontal,
      run: () => void window.open(address, '_blank', 'noopener,noreferrer'),
    },
  ]
}
