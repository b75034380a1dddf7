/**
 * Text that came from Git, a cluster or a host, made safe for a terminal: control characters, escape sequences and
 * bidirectional marks are shown, never obeyed (CVE-2021-25743 and its kin).
 */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, char => {
    const code = char.codePointAt(0) ?? 0
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
  })
}
