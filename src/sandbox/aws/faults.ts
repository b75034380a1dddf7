import { AwsFailure } from './state.ts'

/** What a call is made to meet. */
export type FaultKind =
  | 'throttle'
  | 'resource-in-use'
  | 'access-denied'
  | 'expired-token'
  | 'server-error'
  | 'slow'
  | 'drop'
  | 'lost-answer'

/** A fault that tests order. */
export interface Fault {
  readonly kind: FaultKind
  /** `eks:UpdateNodegroupConfig`; every call when absent. */
  readonly action?: string
  /** How many calls it hits; 1 when absent. */
  readonly times?: number
  /** Lets so many calls pass first. */
  readonly after?: number
  /** For `slow`, in milliseconds. */
  readonly delayMs?: number
}

/** The switchboard for faults. */
export class Faults {
  #planned: { readonly fault: Fault; left: number; skip: number }[] = []

  add(fault: Fault): () => void {
    const planned = { fault, left: fault.times ?? 1, skip: fault.after ?? 0 }
    this.#planned.push(planned)
    return () => {
      this.#planned = this.#planned.filter(other => other !== planned)
    }
  }

  clear(): void {
    this.#planned = []
  }

  /** The fault that this call meets, if any. */
  next(action: string): Fault | undefined {
    for (const planned of this.#planned) {
      if (planned.left <= 0 || (planned.fault.action !== undefined && planned.fault.action !== action)) continue
      if (planned.skip > 0) {
        planned.skip--
        continue
      }
      planned.left--
      return planned.fault
    }
    return undefined
  }
}

/** The answer of AWS that a fault stands for; undefined for those that are no answer. */
export function failureOf(kind: FaultKind, action: string, caller: string): AwsFailure | undefined {
  const eks = action.startsWith('eks:')
  switch (kind) {
    case 'throttle':
      return eks
        ? new AwsFailure('TooManyRequestsException', 'Too Many Requests', 429)
        : new AwsFailure('Throttling', 'Rate exceeded')
    case 'resource-in-use':
      return eks
        ? new AwsFailure(
            'ResourceInUseException',
            'Nodegroup cannot be updated as it is currently not in Active State',
            409,
          )
        : new AwsFailure('ScalingActivityInProgress', 'There is a scaling activity in progress.')
    case 'access-denied':
      return denied(action, caller)
    case 'expired-token':
      return eks
        ? new AwsFailure('ExpiredTokenException', 'The security token included in the request is expired', 403)
        : new AwsFailure('ExpiredToken', 'The security token included in the request is expired', 403)
    case 'server-error':
      return eks
        ? new AwsFailure('ServerException', 'Internal server error', 500)
        : new AwsFailure('InternalFailure', 'An internal error has occurred', 500)
    default:
      return undefined
  }
}

/** What IAM says when no policy allows an action. */
export function denied(action: string, caller: string): AwsFailure {
  const message = `User: ${caller} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`
  const code = action.startsWith('ec2:') ? 'UnauthorizedOperation' : 'AccessDenied'
  return new AwsFailure(action.startsWith('eks:') ? 'AccessDeniedException' : code, message, 403)
}
