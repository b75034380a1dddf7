import { keepPreviousData, type UseQueryResult, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import { noteOwnChange } from '../ui/own-change.ts'
import { type ApiRequest, api, apiPath } from './api.ts'
import type { ApiError } from './api-error.ts'
import { type LiveStatus, live } from './live.ts'

export interface ResourceOptions {
  readonly query?: ApiRequest['query']
  /** Live topics that make it stale: `['fleet']`. It is asked for again when one of them changes. */
  readonly topics?: readonly string[]
  /** False: not yet asked for. */
  readonly enabled?: boolean
}

/** The key under which `useResource` keeps an answer, for `invalidateQueries` and `setQueryData`. */
export const resourceKey = (path: string, query?: ApiRequest['query']): readonly string[] => [
  'api',
  apiPath(path, query),
]

/**
 * What a GET route answers, kept current by live events. While new parameters load, the old answer stays on the page.
 * `useResource<Fleet>('/fleet', { topics: ['fleet'] })`
 */
export function useResource<T>(path: string, options: ResourceOptions = {}): UseQueryResult<T, ApiError> {
  const { query, topics = [], enabled = true } = options
  const queryKey = resourceKey(path, query)
  useLive(topics, queryKey)
  return useQuery<T, ApiError>({
    queryKey,
    queryFn: ({ signal }) => api<T>(path, { signal, ...(query === undefined ? {} : { query }) }),
    enabled,
    placeholderData: keepPreviousData,
  })
}

/** Makes the queries under `queryKey` stale whenever one of the topics changes. Many changes at once cost one request. */
export function useLive(topics: readonly string[], queryKey: readonly unknown[]): void {
  const client = useQueryClient()
  const topicsKey = topics.join(' ')
  const key = JSON.stringify(queryKey)
  useEffect(() => {
    if (topicsKey === '') return
    let timer: ReturnType<typeof setTimeout> | undefined
    const stale = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined
        // What is being asked for the first time need not be asked for twice.
        client.invalidateQueries({
          queryKey: JSON.parse(key) as unknown[],
          predicate: query => query.state.dataUpdatedAt > 0,
        })
      }, 60)
    }
    const stops = topicsKey.split(' ').map(topic => live.subscribe(topic, stale))
    return () => {
      clearTimeout(timer)
      for (const stop of stops) stop()
    }
  }, [client, topicsKey, key])
}

/** Whether the stream of live events runs. */
export function useLiveStatus(): LiveStatus {
  return useSyncExternalStore(live.watchStatus, () => live.status)
}

/**
 * A change: `const scale = useChange<Job, ScaleRequest>(body => ({ path: '/fleet/scale', method: 'POST', body }))`.
 * The answers under `stale` are asked for again when it has succeeded.
 */
export function useChange<T, V = void>(
  request: (value: V) => ApiRequest & { readonly path: string },
  options: { readonly stale?: readonly (readonly unknown[])[]; readonly onDone?: (answer: T, value: V) => void } = {},
) {
  const client = useQueryClient()
  return useMutation<T, ApiError, V>({
    mutationFn: value => {
      const { path, ...rest } = request(value)
      return api<T>(path, { method: 'POST', ...rest })
    },
    onSuccess: (answer, value) => {
      noteOwnChange()
      for (const queryKey of options.stale ?? []) client.invalidateQueries({ queryKey })
      options.onDone?.(answer, value)
    },
  })
}
