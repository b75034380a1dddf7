import { isObject, valueAt } from '../base/json.ts'
import { formatRef, refOf } from '../kube/identity.ts'
import type { KubeObject } from '../kube/object.ts'
import { type FluxOptions, refuseOption } from './options.ts'

/** The pod's spec in a Deployment; changes to it change the Deployment. */
export function podSpecOf(object: KubeObject): Record<string, unknown> {
  return (valueAt(object, ['spec', 'template', 'spec']) ?? {}) as Record<string, unknown>
}

export function containersOf(object: KubeObject): Record<string, unknown>[] {
  const containers = podSpecOf(object)['containers']
  return Array.isArray(containers) ? containers.filter(isObject) : []
}

/** `--name=value` of the first container, by name. */
export function argumentsOf(object: KubeObject): ReadonlyMap<string, string> {
  const args = argumentList(object)
  return new Map(
    args.map(arg => {
      const [, name = '', value = ''] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? []
      return [name, value] as const
    }),
  )
}

/** Replaces an argument that is there, in its place. @throws SluiceError E_FLUX_OPTION when it is not there */
export function setArgument(object: KubeObject, name: string, value: string, option: keyof FluxOptions): void {
  const args = argumentList(object)
  const at = args.findIndex(arg => arg === `--${name}` || arg.startsWith(`--${name}=`))
  if (at < 0) throw refuseOption(option, `the argument --${name} in ${formatRef(refOf(object))}`, 'none')
  args[at] = `--${name}=${value}`
}

function argumentList(object: KubeObject): string[] {
  const args = containersOf(object)[0]?.['args']
  return Array.isArray(args) ? (args as string[]) : []
}
