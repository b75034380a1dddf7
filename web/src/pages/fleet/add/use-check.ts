import { useEffect, useState } from 'react'
import type { FleetAddCheck, FleetAddWishInput } from '../../../../../src/server/contract/fleet-add.ts'
import { api } from '../../../data/api.ts'
import { type ApiError, asApiError } from '../../../data/api-error.ts'

const settleMs = 300

/**
 * What the server says of a wish while it is typed. What is asked may hold a kubeconfig: it is kept nowhere, not even as the
 * key of a query.
 */
export function useCheck(wish: FleetAddWishInput): {
  readonly check: FleetAddCheck | undefined
  readonly busy: boolean
  readonly error: ApiError | undefined
} {
  const [answer, setAnswer] = useState<{ readonly text: string; readonly check: FleetAddCheck }>()
  const [error, setError] = useState<ApiError>()
  const text = JSON.stringify(wish)
  useEffect(() => {
    const controller = new AbortController()
    const timer = setTimeout(() => {
      api<FleetAddCheck>('/fleet/add/check', {
        method: 'POST',
        body: JSON.parse(text),
        signal: controller.signal,
      }).then(
        check => {
          setError(undefined)
          setAnswer({ text, check })
        },
        (thrown: unknown) => {
          if (!controller.signal.aborted) setError(asApiError(thrown))
        },
      )
    }, settleMs)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [text])
  return { check: answer?.check, busy: answer?.text !== text, error }
}
