import { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import { redact } from '../../secrets/secret.ts'
import { placeOf, type SpecDocument } from '../document.ts'
import { formatFieldPath } from '../field-path.ts'

const privateKey = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----/
const awsAccessKey = /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/

/** Whether a text holds something that has the form of a credential, or a secret that this process knows. */
export function looksLikeSecret(text: string): boolean {
  // The user of an SSH address is not a secret.
  const plain = text.replace(/\bssh:\/\/[A-Za-z0-9._-]+@/g, 'ssh://')
  return privateKey.test(text) || awsAccessKey.test(text) || redact(plain) !== plain
}

/**
 * Refuses documents that hold a secret: what is committed stays in the history for good.
 *
 * @throws SluiceError E_SPEC_SECRET naming the place, never the value.
 */
export function refuseSecrets(documents: readonly SpecDocument[]): void {
  for (const document of documents) {
    const field = secretField(document.object)
    if (field === undefined && !looksLikeSecret(document.text)) continue
    const { file, line } = placeOf(document, field ?? '')
    const { kind, metadata } = document.object
    throw new SluiceError('E_SPEC_SECRET', {
      object: `${file}:${line ?? document.line}: ${kind}/${metadata.name ?? ''}`,
      ...(field === undefined ? { seen: 'a text with the form of a credential' } : { seen: `a secret in ${field}` }),
    })
  }
}

/** The field of an object that holds a secret, or undefined. */
function secretField(object: SpecDocument['object']): string | undefined {
  if (object.apiVersion === 'v1' && object.kind === 'Secret' && object['sops'] === undefined) {
    return object['stringData'] === undefined ? 'data' : 'stringData'
  }
  const spec = object['spec']
  if (object.kind === 'Cluster' && isObject(spec) && spec['licenseToken']) return 'spec.licenseToken'
  const { metadata: _, ...rest } = object
  return findText(rest, [])
}

function findText(value: unknown, path: (string | number)[]): string | undefined {
  if (typeof value === 'string') return looksLikeSecret(value) ? formatFieldPath(path) : undefined
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const found = findText(item, [...path, i])
      if (found !== undefined) return found
    }
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      const found = findText(item, [...path, key])
      if (found !== undefined) return found
    }
  }
  return undefined
}
