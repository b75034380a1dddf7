import { StepFailure } from '../../failure.ts'
import type { SourceContext } from '../context.ts'
import { readTexts } from '../http/access.ts'
import { isSignedBy } from './cosign.ts'
import type { Registry } from './registry.ts'

/** `spec.verify` of kinds that come from registries. */
export interface VerifySpec {
  readonly provider: string
  readonly secretRef?: { readonly name: string } | undefined
}

/** Refuses signatures that this engine cannot check, before anything is fetched. */
export function refuseUnverifiable(verify: VerifySpec | undefined): void {
  if (verify === undefined || (verify.provider === 'cosign' && verify.secretRef !== undefined)) return
  const what =
    verify.provider === 'cosign'
      ? 'spec.verify without secretRef: keyless signatures of cosign'
      : `spec.verify.provider: ${verify.provider}: signatures of ${verify.provider}`
  throw new StepFailure(
    'UnsupportedField',
    `${what} are not supported by Sluice's engine; sign with a key of cosign and name its public key in spec.verify.secretRef, or let Flux's source-controller follow this source`,
    { stalled: true, condition: 'SourceVerified' },
  )
}

/** Checks the signature of a manifest with the `*.pub` keys of the Secret; a StepFailure with Flux's words when there is none. */
export async function verifyManifest(
  context: SourceContext,
  namespace: string,
  verify: VerifySpec & { readonly secretRef: { readonly name: string } },
  registry: Registry,
  shown: string,
  digest: string,
): Promise<void> {
  const fail = (problem: string, cause?: unknown) =>
    new StepFailure(
      'VerificationError',
      `failed to verify the signature using provider '${verify.provider}': ${problem}`,
      {
        condition: 'SourceVerified',
        transient: true,
        cause,
      },
    )
  let signed: boolean
  try {
    const texts = await readTexts(context, namespace, verify.secretRef.name)
    const keys = Object.entries(texts)
      .filter(([name]) => name.endsWith('.pub'))
      .map(([, text]) => text)
    signed = await isSignedBy(registry, digest, keys)
  } catch (error) {
    throw fail((error as Error).message, error)
  }
  if (!signed) throw fail(`no matching signatures were found for '${shown}'`)
}
