import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { StepFailure } from '../failure.ts'

/** Refuses what this engine does not do: to ignore it silently could apply cipher text, or to the wrong cluster. */
export function refuseUnsupported({ spec }: Kustomization): void {
  const fields: string[] = []
  if (spec.decryption !== undefined) fields.push('spec.decryption')
  if (spec.kubeConfig !== undefined) fields.push('spec.kubeConfig')
  if (spec.ignore !== undefined && spec.ignore.length > 0) fields.push('spec.ignore')
  if (fields.length === 0) return
  throw new StepFailure(
    'UnsupportedField',
    `${fields.join(', ')}: not supported by Sluice's engine; remove it, or let Flux's kustomize-controller apply this Kustomization`,
    { stalled: true },
  )
}
