import { randomBytes, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { Secret } from '../../../secrets/secret.ts'
import { makeCertificates } from './certificates.ts'
import { readIfThere, writePrivateFile } from './private-file.ts'

/** What a cluster proves itself and its administrator with. */
export interface ClusterIdentity {
  readonly caPem: string
  readonly certPem: string
  readonly keyPem: string
  readonly adminToken: Secret
  /** Signs tokens of service accounts. */
  readonly tokenKey: Buffer
}

const tokenKeyBytes = 32
const renewBeforeMs = 30 * 86_400_000

/**
 * The certificates and admin token of a cluster: kept in its folder and used again, so that a kubeconfig stays good over
 * restarts; without a folder they are made anew.
 */
export function clusterIdentity(dataDir: string | undefined, host: string, now: Date): ClusterIdentity {
  if (dataDir === undefined) {
    return { ...makeCertificates(now, host), adminToken: newToken(), tokenKey: randomBytes(tokenKeyBytes) }
  }
  const at = (name: string) => join(dataDir, name)
  const tokenText = readIfThere(at('admin.token'))?.trim()
  const adminToken = tokenText ? Secret.of(tokenText) : newToken()
  if (!tokenText) writePrivateFile(at('admin.token'), `${adminToken.reveal()}\n`)
  const tokenKey = keptTokenKey(at('token.key'))
  const kept = {
    caPem: readIfThere(at('ca.crt')),
    certPem: readIfThere(at('server.crt')),
    keyPem: readIfThere(at('server.key')),
  }
  if (kept.caPem && kept.certPem && kept.keyPem && stillGood(kept.certPem, host, now)) {
    return { caPem: kept.caPem, certPem: kept.certPem, keyPem: kept.keyPem, adminToken, tokenKey }
  }
  const { caPem, certPem, keyPem } = makeCertificates(now, host)
  writePrivateFile(at('server.key'), keyPem)
  writePrivateFile(at('server.crt'), certPem)
  writePrivateFile(at('ca.crt'), caPem)
  return { caPem, certPem, keyPem, adminToken, tokenKey }
}

function stillGood(certPem: string, host: string, now: Date): boolean {
  try {
    const certificate = new X509Certificate(certPem)
    if (Date.parse(certificate.validTo) - now.getTime() < renewBeforeMs) return false
    return certificate.checkHost(host) !== undefined || certificate.checkIP(host) !== undefined
  } catch {
    return false
  }
}

/** The key in a file, or a new one that is kept there; a file that holds none is replaced, which ends all tokens. */
function keptTokenKey(path: string): Buffer {
  const kept = Buffer.from(readIfThere(path)?.trim() ?? '', 'base64')
  if (kept.length === tokenKeyBytes) return kept
  const key = randomBytes(tokenKeyBytes)
  writePrivateFile(path, `${key.toString('base64')}\n`)
  return key
}

function newToken(): Secret {
  return Secret.of(randomBytes(32).toString('base64url'))
}
