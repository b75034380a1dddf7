import { useEffect, useState } from 'react'
import type { ValuesCheck, ValuesCheckWish } from '../../../src/server/contract/application-values.ts'
import { api } from '../data/api.ts'
import { type ApiError, asApiError } from '../data/api-error.ts'

/** What the server has against values while they are typed: asked after a short rest; the question before is aborted. */
export function useValuesCheck(wish: ValuesCheckWish | undefined): {
  readonly check: ValuesCheck | undefined
  readonly error: ApiError | undefined
  readonly busy: boolean
} {
  const [state, setState] = useState<{ check?: ValuesCheck; error?: ApiError; of?: string }>({})
  const body = wish === undefined ? undefined : JSON.stringify(wish)
  useEffect(() => {
    if (body === undefined) return
    const stop = new AbortController()
    const timer = setTimeout(() => {
      api<ValuesCheck>('/values/check', { method: 'POST', body: JSON.parse(body), signal: stop.signal }).then(
        check => setState({ check, of: body }),
        (thrown: unknown) => {
          if (!stop.signal.aborted) setState(before => ({ ...before, error: asApiError(thrown), of: body }))
        },
      )
    }, 300)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [body])
  return { check: state.check, error: state.error, busy: body !== undefined && state.of !== body }
}
