import { isForbidden } from '../../kube/client/status.ts'
import type { KubeObject } from '../../kube/object.ts'
import { StepFailure } from '../failure.ts'

/** Who may act as whom and reach what. Everything absent is the safe choice; see docs/guides/tenancy.md. */
export interface TenancyOptions {
  /** Whether objects may refer to sources in other namespaces (Flux: `--no-cross-namespace-refs=false`); false when absent. */
  readonly crossNamespaceRefs?: boolean
  /**
   * The service account that objects without one of their own act as, in their own namespace (Flux:
   * `--default-service-account`); `default` when absent, '' for the engine's own rights.
   */
  readonly defaultServiceAccount?: string
  /** Namespaces of the platform: without an account of their own, objects there act with the engine's rights; `flux-system` when absent. */
  readonly systemNamespaces?: readonly string[]
}

/** One cluster, one owner: everything acts with the engine's rights and may refer to everything, as Flux without flags does. */
export const singleTenant: TenancyOptions = { crossNamespaceRefs: true, defaultServiceAccount: '' }

/** The rules of one engine. */
export class Tenancy {
  readonly #crossNamespaceRefs: boolean
  readonly #defaultServiceAccount: string
  readonly #systemNamespaces: ReadonlySet<string>

  constructor(options: TenancyOptions = {}) {
    this.#crossNamespaceRefs = options.crossNamespaceRefs ?? false
    this.#defaultServiceAccount = options.defaultServiceAccount ?? 'default'
    this.#systemNamespaces = new Set(options.systemNamespaces ?? ['flux-system'])
  }

  /**
   * The user that an object's work is done as: its service account, or the default one of its namespace. Undefined for
   * the engine itself. A StepFailure for a name that is none.
   */
  userOf(object: KubeObject, account: string | undefined): string | undefined {
    const namespace = object.metadata.namespace ?? ''
    const name = account || (this.#systemNamespaces.has(namespace) ? '' : this.#defaultServiceAccount)
    if (name === '') return undefined
    if (!/^[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/.test(name)) {
      throw new StepFailure(
        'AccessDenied',
        `spec.serviceAccountName: expected the name of a service account, seen ${JSON.stringify(name.slice(0, 64))}`,
        { stalled: true },
      )
    }
    return `system:serviceaccount:${namespace}:${name}`
  }

  /** Refuses a reference from one namespace into another, in Flux's words. */
  checkReference(
    from: KubeObject,
    to: { readonly kind: string; readonly namespace: string; readonly name: string },
  ): void {
    if (this.#crossNamespaceRefs || to.namespace === (from.metadata.namespace ?? '')) return
    throw new StepFailure(
      'AccessDenied',
      `can't access '${to.kind}/${to.namespace}/${to.name}', cross-namespace references have been blocked`,
      { stalled: true },
    )
  }
}

/** A refusal of rights, with what to do when the account was not chosen by the object itself. */
export function explained(failure: StepFailure, user: string, account: string | undefined): StepFailure {
  if (user === '' || account || !isForbidden(failure.options.cause)) return failure
  const hint = `this object acts as ${user}, the default account: bind a role to it, or name another one in spec.serviceAccountName`
  return new StepFailure(failure.reason, `${failure.message}; ${hint}`, failure.options)
}
