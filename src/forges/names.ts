import { SluiceError } from '../base/errors/index.ts'

/** What names of one kind may be made of; they go into paths, so only what the host accepts is sent. */
export interface NameRule {
  readonly pattern: RegExp
  /** `letters, digits and hyphens`. */
  readonly words: string
}

/** Names that most hosts accept for repositories. */
export const repositoryRule: NameRule = {
  pattern: /^(?!\.{1,2}$)[\w.-]{1,100}$/,
  words: 'letters, digits, `-`, `_` and `.`',
}

/** Fails with E_FORGE_NAME_INVALID when a name breaks its rule. */
export function checkName(what: string, name: string, rule: NameRule): void {
  if (rule.pattern.test(name)) return
  throw new SluiceError('E_FORGE_NAME_INVALID', {
    object: what,
    expected: rule.words,
    seen: JSON.stringify(name.slice(0, 120)),
  })
}
