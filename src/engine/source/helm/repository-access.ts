import { Secret } from '../../../secrets/secret.ts'
import type { HelmRepository } from '../../../specs/flux/helm-repository.ts'
import { StepFailure } from '../../failure.ts'
import type { SourceContext } from '../context.ts'
import { type HttpAccess, readTexts, tlsOf } from '../http/access.ts'
import { basicHeader } from '../http/client.ts'

/** How an HTTP repository of charts is reached. */
export interface ChartRepositoryAccess {
  /** Address of the repository, with a slash at its end. */
  readonly url: URL
  readonly access: HttpAccess
  readonly authorization: Secret | undefined
  /** Whether packages on other hosts get the login, too. */
  readonly passCredentials: boolean
}

/** Reads what a HelmRepository says about reaching it. A StepFailure says what is wrong with it. */
export async function chartRepositoryAccess(
  context: SourceContext,
  object: HelmRepository,
): Promise<ChartRepositoryAccess> {
  const { spec, metadata } = object
  const namespace = metadata.namespace ?? ''
  const url = repositoryUrl(spec.url)
  let access: HttpAccess = {}
  let authorization: Secret | undefined
  if (spec.secretRef !== undefined) {
    const texts = await readTexts(context, namespace, spec.secretRef.name)
    const { username = '', password = '' } = texts
    if ((username === '') !== (password === '')) {
      throw new StepFailure(
        'AuthenticationFailed',
        `failed to configure Helm client with secret data: invalid '${namespace}/${spec.secretRef.name}' secret data: required fields 'username' and 'password'`,
      )
    }
    if (username !== '') authorization = basicHeader(username, Secret.of(password).reveal())
    // Certificates beside the login are Flux's old way.
    if (texts['ca.crt'] || texts['tls.crt']) access = tlsOf(texts, `${namespace}/${spec.secretRef.name}`)
  }
  if (spec.certSecretRef !== undefined) {
    const { name } = spec.certSecretRef
    access = tlsOf(await readTexts(context, namespace, name), `${namespace}/${name}`)
  }
  return { url, access, authorization, passCredentials: spec.passCredentials === true }
}

/** Flux's normal form: exactly one slash at the end. */
export function repositoryUrl(text: string): URL {
  const invalid = (problem: string) =>
    new StepFailure('URLInvalid', `invalid Helm repository URL: ${problem}`, { stalled: true })
  if (text.startsWith('oci://')) throw invalid("'oci' URL scheme cannot be used with 'default' HelmRepository type")
  if (!URL.canParse(text)) throw invalid(`'${text}' is no address`)
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw invalid(`scheme '${url.protocol}' is not supported`)
  if (url.username !== '' || url.password !== '') throw invalid('it holds a login; put it into a Secret')
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/`
  return url
}

/** The same address in one form, to compare: of HTTP and of registries. */
export function normalizeRepositoryUrl(text: string): string {
  return text.startsWith('oci://') ? text.replace(/\/+$/, '') : `${text.replace(/\/+$/, '')}/`
}
