import { QueryClient } from '@tanstack/react-query'
import { ApiError } from './api-error.ts'

/** Live events say when something changed, so nothing is asked for again by the clock or by the window's focus. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 5 * 60_000,
      refetchOnWindowFocus: false,
      refetchOnReconnect: true,
      // A refusal stays one; a server that was not reached, or that says "later", is asked again.
      retry: (count, error) =>
        count < 4 && error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 502),
      retryDelay: count => Math.min(500 * 2 ** count, 8_000),
    },
    mutations: { retry: false },
  },
})
