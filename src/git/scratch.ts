import { existsSync } from 'node:fs'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import type { Secret } from '../secrets/secret.ts'

/** A new folder that only this user can enter; the caller removes it. */
export function makeScratch(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'sluice-git-'))
}

/** Where Linux distributions and macOS keep the certificates that the system trusts. */
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/** Writes the system's certificates and `extra` (PEM) as one file: git takes one bundle in place of the system's. */
export async function writeCertificates(folder: string, extra: string): Promise<string> {
  const system = systemBundles.find(path => existsSync(path))
  const base = system === undefined ? rootCertificates.join('\n') : await readFile(system, 'utf8')
  const path = join(folder, 'ca.pem')
  await writeFile(path, `${base}\n${extra}\n`, { mode: 0o600 })
  return path
}

/** Writes a certificate and key of ours as files that only this user reads; returns their paths. */
export async function writeClientCertificate(
  folder: string,
  certificate: string,
  key: Secret,
): Promise<readonly [certificate: string, key: string]> {
  const paths = [join(folder, 'client.pem'), join(folder, 'client.key')] as const
  await writeFile(paths[0], certificate, { mode: 0o600 })
  await writeFile(paths[1], key.reveal(), { mode: 0o600 })
  return paths
}
