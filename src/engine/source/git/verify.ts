import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { GitObject, Mirror } from '../../../git/index.ts'
import type { GitRepository } from '../../../specs/flux/git-repository.ts'
import { StepFailure } from '../../failure.ts'
import { type SecretTexts, textsOf } from '../http/access.ts'
import { verifyPgpSignature } from './pgp-signature.ts'
import { type SignedObject, signedCommit, signedTag } from './signed-object.ts'
import { verifySshSignature } from './ssh-signature.ts'

/** What is to be verified. */
export interface VerifyInput {
  readonly object: GitRepository
  readonly mirror: Mirror
  readonly commit: string
  /** The tag that was followed: its name and the object that it points to, a tag or a commit. */
  readonly tag: { readonly name: string; readonly object: GitObject } | undefined
  readonly readSecret: (namespace: string, name: string) => Promise<Parameters<typeof textsOf>[0] | undefined>
  readonly signal: AbortSignal
}

/** Signatures that were found good: the same object and keys are not checked again. */
const known = new LRUCache<string, string>({ max: 2000 })

/** The message of SourceVerified, or a StepFailure with the reasons and words of Flux. */
export async function verifySignatures(input: VerifyInput): Promise<string | undefined> {
  const { object, commit, tag } = input
  const { verify } = object.spec
  if (verify === undefined) return undefined
  const namespace = object.metadata.namespace ?? ''
  const secret = await input.readSecret(namespace, verify.secretRef.name)
  if (secret === undefined) {
    throw refusal('VerificationError', `PGP public keys secret error: secrets "${verify.secretRef.name}" not found`)
  }
  const texts = textsOf(secret)
  const mode = verify.mode ?? 'HEAD'
  const lines: string[] = []
  if (mode === 'Tag' || mode === 'TagAndHEAD') {
    if (tag === undefined) {
      throw refusal(
        'InvalidVerificationMode',
        "cannot verify tag object's signature if a tag reference is not specified",
        true,
      )
    }
    const shown = `${tag.name}@${tag.object.id}`
    const signed = tag.object.type === 'tag' ? signedTag(tag.object.bytes) : undefined
    if (signed?.signature === undefined) {
      throw refusal('InvalidGitObject', `cannot verify signature of tag '${shown}' since it is not signed`)
    }
    const result = await check(tag.object.id, signed, texts, input.signal)
    if ('problem' in result) {
      throw refusal('InvalidTagSignature', `signature verification of tag '${shown}' failed: ${result.problem}`)
    }
    lines.push(`tag '${shown}' with key '${result.key}'`)
  }
  if (mode !== 'Tag') {
    const found = await input.mirror.raw(commit)
    const result = await check(commit, signedCommit(found?.bytes ?? Buffer.alloc(0)), texts, input.signal)
    if ('problem' in result) {
      throw refusal('InvalidCommitSignature', `signature verification of commit '${commit}' failed: ${result.problem}`)
    }
    lines.push(`commit '${commit}' with key '${result.key}'`)
  }
  return `verified signature of\n\t- ${lines.join('\n\t- ')}`
}

async function check(
  id: string,
  signed: SignedObject,
  texts: SecretTexts,
  signal: AbortSignal,
): Promise<{ readonly key: string } | { readonly problem: string }> {
  const { payload, signature } = signed
  if (signature === undefined) return { problem: 'it is not signed' }
  const of = (suffix: string) =>
    Object.entries(texts)
      .filter(([name]) => name.endsWith(suffix))
      .map(([, text]) => text)
  const ssh = signature.includes('BEGIN SSH SIGNATURE')
  const keys = of(ssh ? '.sshpub' : '.asc')
  if (keys.length === 0) {
    return { problem: `the secret has no key for it: expected ${ssh ? "'*.sshpub'" : "'*.asc'"}` }
  }
  const memory = createHash('sha256')
    .update(JSON.stringify([id, signature, keys]))
    .digest('hex')
  const before = known.get(memory)
  // A PGP key can expire: what was good is asked again after a while.
  if (before !== undefined) return { key: before }
  if (ssh) {
    const result = verifySshSignature(payload, signature, keys)
    if ('problem' in result) return result
    known.set(memory, result.fingerprint)
    return { key: result.fingerprint }
  }
  const result = await verifyPgpSignature(payload, signature, keys, signal)
  if ('problem' in result) return result
  known.set(memory, result.keyId, { ttl: 3_600_000 })
  return { key: result.keyId }
}

function refusal(reason: string, message: string, stalled = false): StepFailure {
  return new StepFailure(reason, message, { condition: 'SourceVerified', stalled })
}
