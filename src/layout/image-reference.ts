const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const host = '(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?/)?'
const tag = '(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?'
const whole = new RegExp(`^${host}${part}(?:/${part})*${tag}(?:@sha256:[0-9a-f]{64})?$`)

/** Whether a text names an image. Contract: the distribution specification's grammar of references, as Docker and containerd read it. */
export function isImageReference(text: string): boolean {
  return text.length <= 500 && whole.test(text)
}
