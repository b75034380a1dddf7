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
      retry: (count, error) => count < 4 && error instanceof ApiError && isWorthAnotherTry(error),
      retryDelay: count => Math.min(500 * 2 ** count, 8_000),
    },
    mutations: { retry: false },
  },
})

/**
 * A refusal stays one; a server that was not reached, or that says "later", is asked again. What our server says of another host
 * (502 with a code of ours) it has found out with patience: people are told at once.
 */
export function isWorthAnotherTry({ status, code }: ApiError): boolean {
  if (status === 502) return code.startsWith('HTTP_')
  return status === 0 || status === 429 || status > 502
}
