/** Of every answer: nothing but our own files runs, nothing frames us, nothing guesses types. */
const always: readonly (readonly [string, string])[] = [
  [
    'content-security-policy',
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  ],
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  ['referrer-policy', 'same-origin'],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()'],
]

export function setSecurityHeaders(
  headers: Headers,
  { secure, requestId }: { readonly secure: boolean; readonly requestId: string },
): void {
  for (const [name, value] of always) headers.set(name, value)
  headers.set('x-request-id', requestId)
  if (secure) headers.set('strict-transport-security', 'max-age=31536000')
  // What an answer says of caching itself is kept: only files of the console do.
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
}
