import { SluiceError } from '../../base/errors/index.ts'

/** Bytes or text as a text without byte order mark, checked for its encoding and length. */
export function decodeText(
  input: string | Uint8Array,
  options: { readonly source?: string; readonly maxLength?: number },
): string {
  const object = options.source
  const limit = options.maxLength ?? 64 * 1024 * 1024
  if (input.length > limit) {
    throw new SluiceError('E_YAML_LIMIT', { object, expected: `at most ${limit} characters`, seen: `${input.length}` })
  }
  const text = typeof input === 'string' ? input : decodeUtf8(input, object)
  const nul = text.indexOf('\0')
  if (nul >= 0) {
    throw new SluiceError('E_YAML_ENCODING', {
      object,
      seen: `a NUL byte at offset ${nul}: UTF-16 text or a binary file`,
    })
  }
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

function decodeUtf8(bytes: Uint8Array, object: string | undefined): string {
  const [a, b] = bytes
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    throw new SluiceError('E_YAML_ENCODING', { object, seen: 'the byte order mark of UTF-16' })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new SluiceError('E_YAML_ENCODING', { object, seen: 'bytes that are not UTF-8', cause })
  }
}
