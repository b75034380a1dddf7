/** The key derivation of OpenSSH's private key files; the package brings no types. */
declare module 'bcrypt-pbkdf' {
  /** Fills `key` from a passphrase; 0 when it worked. */
  export function pbkdf(
    pass: Uint8Array,
    passLength: number,
    salt: Uint8Array,
    saltLength: number,
    key: Uint8Array,
    keyLength: number,
    rounds: number,
  ): number
}
