import { Failure } from '../failure.ts'
import { visitField } from '../fieldspec.ts'
import type { SelectorArgs } from '../kustomization.ts'
import { select } from '../selector.ts'
import type { Transformer } from '../transformer.ts'
import { untagged } from '../yaml/scalars.ts'

/** The configuration of a ValueAddTransformer. */
export interface ValueAddArgs {
  readonly value?: string
  readonly targetFilePath?: string
  readonly targets?: readonly {
    readonly selector?: SelectorArgs
    readonly notSelector?: SelectorArgs
    readonly fieldPath?: string
    readonly filePathPosition?: number
  }[]
}

/** Sets a value in fields of selected objects, or as one part of a path-like field. */
export function valueAddTransformer(args: ValueAddArgs): Transformer {
  const targets = args.targets ?? []
  if (args.targetFilePath) throw new Failure('targetFilePath is not supported', 'E_KUSTOMIZE_UNSUPPORTED')
  if (targets.length === 0) throw new Failure('must specify at least one target')
  const value = args.value ?? ''
  return map => {
    for (const target of targets) {
      const excluded = new Set(target.notSelector === undefined ? [] : select(map, target.notSelector))
      const chosen = target.selector === undefined ? map.resources : select(map, target.selector)
      for (const resource of chosen) {
        if (excluded.has(resource)) continue
        const spec = { path: target.fieldPath ?? '', create: true }
        visitField(resource.node, spec, 'scalar', (node, replace) => {
          if (node.kind !== 'scalar') throw new Failure('expected a scalar')
          replace(untagged(withPart(node.value, value, target.filePathPosition ?? 0), node))
        })
      }
    }
  }
}

/** Position 0 is the whole value; n > 0 puts the value before the n-th part of a path. */
function withPart(old: string, value: string, position: number): string {
  if (position <= 0) return value
  const parts = old.split('/')
  parts.splice(Math.min(position - 1, parts.length), 0, value)
  return parts.join('/')
}
