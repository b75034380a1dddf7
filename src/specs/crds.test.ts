import { describe, expect, it } from 'vitest'
import { validateCrd } from '../kube/structural/index.ts'
import { applicationKind } from './apps/application-kind.ts'
import { environmentKind } from './apps/environment-kind.ts'
import { eksaKinds } from './eks-anywhere/kinds.ts'
import { eksctlClusterKind } from './eksctl/node-groups-kind.ts'
import { fluxKinds } from './flux/kinds.ts'

describe('the definitions of custom resources', () => {
  for (const kind of [...eksaKinds, ...fluxKinds, eksctlClusterKind, applicationKind, environmentKind]) {
    it(`that ${kind.kind} yields is one that an API server takes`, () => {
      expect(validateCrd(kind.crd())).toEqual([])
    })
  }

  it('have each kind and plural once', () => {
    const names = [...eksaKinds, ...fluxKinds, eksctlClusterKind, applicationKind, environmentKind].map(
      kind => kind.crd().metadata.name,
    )
    expect(new Set(names).size).toBe(names.length)
  })
})
