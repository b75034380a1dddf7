import type { GitRemote } from '../../../git/index.ts'
import { Secret } from '../../../secrets/secret.ts'
import type { GitRepository } from '../../../specs/flux/git-repository.ts'
import { messageOf, StepFailure } from '../../failure.ts'
import type { SourceContext } from '../context.ts'
import { type ProxyAccess, proxyOf, readTexts, tlsOf } from '../http/access.ts'
import { retryOf } from '../http/failure.ts'
import { accessFrom } from './auth.ts'
import { installationToken } from './github-app.ts'

/** How to reach the repository of an object: proxy, certificates and credentials of its Secrets. */
export async function remoteOf(context: SourceContext, object: GitRepository, signal: AbortSignal): Promise<GitRemote> {
  const { url, secretRef, proxySecretRef, provider = 'generic' } = object.spec
  const namespace = object.metadata.namespace ?? ''
  refuseClouds(provider)
  const proxy = proxySecretRef && (await readProxy(context, namespace, proxySecretRef.name))
  const base: GitRemote = { url, ...(proxy === undefined ? {} : { proxy: addressOf(proxy) }) }
  if (secretRef === undefined) {
    if (provider === 'github') throw noAppData(true)
    return base
  }
  const where = `${namespace}/${secretRef.name}`
  if (provider === 'github') {
    const texts = await readTexts(context, namespace, secretRef.name)
    if (!texts['githubAppID']) throw noAppData(false)
    const tls = texts['ca.crt'] || texts['tls.crt'] ? tlsOf(texts, where) : {}
    try {
      const access = { ...tls, ...(proxy === undefined ? {} : { proxy }) }
      const password = await installationToken(texts, access, context.clock, signal)
      return { ...base, ...tls, auth: { kind: 'basic', username: 'x-access-token', password } }
    } catch (error) {
      signal.throwIfAborted()
      throw new StepFailure('AuthenticationFailed', `failed to configure authentication options: ${messageOf(error)}`, {
        cause: error,
        ...retryOf(error),
      })
    }
  }
  const secret = await context.readSecret(namespace, secretRef.name)
  if (secret !== undefined && (secret['data'] as Record<string, string> | undefined)?.['githubAppID']) {
    throw new StepFailure(
      'InvalidProviderConfiguration',
      `secretRef '${where}' has github app data but provider is not set to github`,
    )
  }
  return { ...base, ...accessFrom(secret, url, where) }
}

function refuseClouds(provider: string): void {
  if (provider !== 'aws' && provider !== 'azure') return
  throw new StepFailure(
    'UnsupportedField',
    `spec.provider: ${provider}: logins by the identity of a cloud are not supported by Sluice's engine; use provider generic with a token in spec.secretRef, or let Flux's source-controller follow this repository`,
    { stalled: true },
  )
}

function noAppData(stalled: boolean): StepFailure {
  return new StepFailure(
    'InvalidProviderConfiguration',
    'secretRef with github app data must be specified when provider is set to github',
    { stalled },
  )
}

async function readProxy(context: SourceContext, namespace: string, name: string): Promise<ProxyAccess> {
  try {
    return proxyOf(await readTexts(context, namespace, name), `${namespace}/${name}`)
  } catch (error) {
    throw new StepFailure('AuthenticationFailed', `failed to configure proxy options: ${messageOf(error)}`)
  }
}

/** git takes a proxy's login in its address, which it gets through the environment. */
function addressOf({ url, username, password }: ProxyAccess): string | Secret {
  if (username === undefined) return url
  const address = new URL(url)
  address.username = encodeURIComponent(username)
  address.password = encodeURIComponent(password?.reveal() ?? '')
  return Secret.of(address.href)
}
