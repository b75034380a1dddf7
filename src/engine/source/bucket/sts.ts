import { Secret } from '../../../secrets/secret.ts'
import type { HttpAccess } from '../http/access.ts'
import { HttpClient } from '../http/client.ts'
import { HttpFailure } from '../http/failure.ts'
import type { S3Credentials } from './sign.ts'
import { textOf } from './xml.ts'

/** Credentials that last for a while, for a name and password in LDAP (MinIO's AssumeRoleWithLDAPIdentity). @throws HttpFailure */
export async function ldapCredentials(
  endpoint: URL,
  login: { readonly username: string; readonly password: Secret },
  access: HttpAccess,
  signal: AbortSignal,
): Promise<S3Credentials> {
  const http = new HttpClient(access)
  try {
    const form = new URLSearchParams({
      Action: 'AssumeRoleWithLDAPIdentity',
      Version: '2011-06-15',
      LDAPUsername: login.username,
      LDAPPassword: login.password.reveal(),
    })
    const answer = await http.send(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
      maxBytes: 256 * 1024,
      maxRedirects: 0,
      signal,
    })
    const xml = answer.body.toString('utf8')
    const [accessKey, secretKey, token] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map(name =>
      textOf(xml, name),
    )
    if (!accessKey || !secretKey) throw new HttpFailure(endpoint, 'the answer holds no credentials')
    return {
      accessKey,
      secretKey: Secret.of(secretKey),
      ...(token ? { sessionToken: Secret.of(token) } : {}),
    }
  } finally {
    await http.close()
  }
}
