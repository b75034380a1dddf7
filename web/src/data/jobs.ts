import type { UseQueryResult } from '@tanstack/react-query'
import type { Job } from '../../../src/server/contract/live.ts'
import type { ApiError } from './api-error.ts'
import { useResource } from './resource.ts'

/** A job, followed live until it ends; without an id nothing is asked. */
export function useJob(id: string | undefined): UseQueryResult<Job, ApiError> {
  return useResource<Job>(`/jobs/${encodeURIComponent(id ?? '')}`, {
    topics: id === undefined ? [] : [`job/${id}`],
    enabled: id !== undefined,
  })
}

export const jobEnded = (job: Job | undefined): boolean => job !== undefined && job.state !== 'running'
