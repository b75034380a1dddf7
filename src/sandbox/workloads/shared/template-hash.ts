/** Letters of names that the API machinery generates: no vowels and nothing that looks like another. */
const letters = 'bcdfghjklmnpqrstvwxz2456789'

/**
 * A short hash of a template for names and labels, the way of `pod-template-hash`: FNV-1a with 32 bits, written in
 * letters that make no words. kube-controller-manager hashes Go's dump of the struct, so the figures differ from a real
 * cluster's; what matters is that equal templates hash equally, whatever the order of their keys.
 */
export function templateHash(template: unknown, collisions = 0): string {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(stable(template) + (collisions > 0 ? `#${collisions}` : ''))) {
    hash ^= byte
    hash = Math.imul(hash, 0x01000193) >>> 0
  }
  return [...String(hash)].map(digit => letters[digit.charCodeAt(0) % letters.length]).join('')
}

/** JSON with sorted keys. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )
}
