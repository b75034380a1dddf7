import type { Alert } from '../../specs/flux/alert.ts'
import type { Provider } from '../../specs/flux/provider.ts'
import { BoundedExpression } from '../expression.ts'
import { messageOf } from '../failure.ts'
import type { FluxEvent } from './event.ts'
import { DeliveryFailure } from './providers/types.ts'

/** Longest context that is sent; hosts take 255 characters at most. */
const longest = 255

/**
 * The context of a commit status: what `spec.commitStatusExpr` says, or kind, name and the first part of the Provider's
 * uid, which no two clusters share.
 */
export function commitStatusFor(provider: Provider, alert: Alert, event: FluxEvent): string {
  const { commitStatusExpr } = provider.spec
  if (!commitStatusExpr) {
    const { kind, name } = event.involvedObject
    return `${kind}/${name}/${(provider.metadata.uid ?? '').split('-')[0]}`.toLowerCase()
  }
  try {
    const expression = new BoundedExpression(commitStatusExpr, ['event', 'alert', 'provider'])
    return expression.text({ event, alert, provider }).slice(0, longest)
  } catch (error) {
    throw new DeliveryFailure(
      `failed to create commit status: failed to evaluate the spec.commitStatusExpr CEL expression for the event: ${messageOf(error)}`,
    )
  }
}
