import { createHash, createHmac } from 'node:crypto'
import type { Secret } from '../../../secrets/secret.ts'

/** Who asks a storage. */
export interface S3Credentials {
  readonly accessKey: string
  readonly secretKey: Secret
  /** Of credentials that last for a while. */
  readonly sessionToken?: Secret
}

export interface SignInput {
  readonly method: string
  readonly url: URL
  readonly credentials: S3Credentials
  readonly region: string
  readonly now: Date
  /** Further headers to sign, in lower case. */
  readonly headers?: Readonly<Record<string, string>>
}

const emptyHash = createHash('sha256').update('').digest('hex')

/** The headers that sign a request without a body: AWS Signature Version 4 for S3. */
export function signRequest(input: SignInput): Record<string, string> {
  const { method, url, credentials, region, now } = input
  const stamp = now.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const day = stamp.slice(0, 8)
  const headers: Record<string, string> = {
    host: url.host,
    'x-amz-content-sha256': emptyHash,
    'x-amz-date': stamp,
    ...(credentials.sessionToken === undefined ? {} : { 'x-amz-security-token': credentials.sessionToken.reveal() }),
    ...input.headers,
  }
  const names = Object.keys(headers).sort()
  const canonical = [
    method,
    url.pathname
      .split('/')
      .map(part => encode(decodeURIComponent(part)))
      .join('/'),
    [...url.searchParams]
      .map(([key, value]) => `${encode(key)}=${encode(value)}`)
      .sort()
      .join('&'),
    ...names.map(name => `${name}:${headers[name]!.trim()}`),
    '',
    names.join(';'),
    emptyHash,
  ].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', stamp, scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
  const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest()
  const key = [region, 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${credentials.secretKey.reveal()}`, day))
  const signature = hmac(key, text).toString('hex')
  const { host: _host, ...sent } = headers
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKey}/${scope},SignedHeaders=${names.join(';')},Signature=${signature}`,
  }
}

/** Percent-encoding of RFC 3986: everything but unreserved characters. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
