import { podOfTemplate } from '../shared/pod-of-template.ts'
import type { ContainerSpec, Job, Pod } from '../shared/types.ts'
import { indexAnnotation, indexOf, parseIndexes } from './indexes.ts'
import { type Tally, trackingFinalizer } from './tracking.ts'

/** The pods that a job is to start now. */
export function podsToStart(job: Job, tally: Tally, active: readonly Pod[]): Pod[] {
  const { parallelism = 1, completions } = job.spec
  if (job.spec.completionMode === 'Indexed') return indexedPods(job, tally, active)
  // A work queue starts no more pods once one has succeeded.
  const left =
    completions === undefined || completions === null
      ? tally.succeeded > 0
        ? active.length
        : parallelism
      : Math.min(parallelism, completions - tally.succeeded)
  return Array.from({ length: Math.max(0, left - active.length) }, () => jobPod(job))
}

function indexedPods(job: Job, tally: Tally, active: readonly Pod[]): Pod[] {
  const { parallelism = 1, completions = 0 } = job.spec
  const taken = parseIndexes(tally.completedIndexes)
  for (const pod of active) taken.add(indexOf(pod) ?? -1)
  const pods: Pod[] = []
  for (let index = 0; index < completions && active.length + pods.length < parallelism; index++) {
    if (!taken.has(index)) pods.push(jobPod(job, index))
  }
  return pods
}

function jobPod(job: Job, index?: number): Pod {
  const pod = podOfTemplate('Job', job, job.spec.template)
  const { metadata, spec } = pod
  const finalizers = [...(metadata.finalizers ?? []), trackingFinalizer]
  if (index === undefined) return { ...pod, metadata: { ...metadata, finalizers } }
  const name = `${job.metadata.name}-${index}`
  const fieldPath = `metadata.annotations['${indexAnnotation}']`
  const variable = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath } } }
  const withIndex = (list: readonly ContainerSpec[]) =>
    list.map(one => ({ ...one, env: [...(one.env ?? []), variable] }))
  return {
    ...pod,
    metadata: {
      ...metadata,
      finalizers,
      generateName: `${name}-`,
      annotations: { ...metadata.annotations, [indexAnnotation]: String(index) },
      labels: { ...metadata.labels, [indexAnnotation]: String(index) },
    },
    spec: {
      ...spec,
      hostname: spec.hostname ?? name,
      containers: withIndex(spec.containers),
      ...(spec.initContainers ? { initContainers: withIndex(spec.initContainers) } : {}),
    },
  }
}
