import { Secret } from '../../../secrets/secret.ts'
import type { Bucket } from '../../../specs/flux/bucket.ts'
import { messageOf, StepFailure } from '../../failure.ts'
import type { SourceContext } from '../context.ts'
import { type HttpAccess, readTexts, tlsOf } from '../http/access.ts'
import { retryOf } from '../http/failure.ts'
import type { S3Credentials } from './sign.ts'
import { ldapCredentials } from './sts.ts'

/** Who asks for a bucket: keys of the Secret, or those of a service; undefined for nobody. */
export async function credentialsFor(
  context: SourceContext,
  object: Bucket,
  access: HttpAccess,
  signal: AbortSignal,
): Promise<S3Credentials | undefined> {
  const { spec, metadata } = object
  const namespace = metadata.namespace ?? ''
  if (spec.secretRef !== undefined) {
    const { name } = spec.secretRef
    const texts = await readTexts(context, namespace, name)
    const [accessKey, secretKey] = [texts['accesskey'], texts['secretkey']]
    if (!accessKey || !secretKey) {
      throw new StepFailure(
        'AuthenticationFailed',
        `invalid '${name}' secret data: required fields 'accesskey' and 'secretkey'`,
      )
    }
    return { accessKey, secretKey: Secret.of(secretKey) }
  }
  if (spec.provider === 'aws') {
    throw new StepFailure(
      'UnsupportedField',
      "spec.provider: aws without secretRef: logins by the identity of a cloud are not supported by Sluice's engine; name a Secret with 'accesskey' and 'secretkey' in spec.secretRef, or let Flux's source-controller follow this bucket",
      { stalled: true },
    )
  }
  const { sts } = spec
  if (sts === undefined) return undefined
  if (sts.provider !== 'ldap') {
    throw new StepFailure(
      'InvalidSTSConfiguration',
      `STS provider '${sts.provider}' is not supported for 'generic' bucket provider`,
      { stalled: true },
    )
  }
  if (!URL.canParse(sts.endpoint)) {
    throw new StepFailure('URLInvalid', `failed to parse STS endpoint '${sts.endpoint}'`, { stalled: true })
  }
  const texts = sts.secretRef === undefined ? {} : await readTexts(context, namespace, sts.secretRef.name)
  const [username, password] = [texts['username'], texts['password']]
  if (!username || !password) {
    throw new StepFailure(
      'AuthenticationFailed',
      `invalid '${sts.secretRef?.name ?? ''}' secret data for 'ldap' STS provider: required fields username, password`,
    )
  }
  const tls =
    sts.certSecretRef === undefined
      ? {}
      : tlsOf(await readTexts(context, namespace, sts.certSecretRef.name), `${namespace}/${sts.certSecretRef.name}`)
  try {
    const { proxy } = access
    const login = { username, password: Secret.of(password) }
    return await ldapCredentials(new URL(sts.endpoint), login, { ...tls, ...(proxy ? { proxy } : {}) }, signal)
  } catch (error) {
    signal.throwIfAborted()
    throw new StepFailure(
      'AuthenticationFailed',
      `failed to get credentials from the STS endpoint: ${messageOf(error)}`,
      {
        cause: error,
        ...retryOf(error),
      },
    )
  }
}
