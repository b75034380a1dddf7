import { Failure } from './failure.ts'

/** Longer patterns are refused. */
const maxPattern = 1000

/**
 * A pattern in Go's RE2 syntax as a JavaScript expression. What RE2 has not (look-around, back references) is refused;
 * so are nested quantifiers, which RE2 runs in linear time and JavaScript does not.
 *
 * @throws Failure for a pattern that Go would not compile, or that cannot be run safely
 */
export function goRegExp(pattern: string): RegExp {
  if (pattern.length > maxPattern) throw new Failure('error parsing regexp: expression too long', 'E_KUSTOMIZE_LIMIT')
  const lookAround = /\(\?(?:=|!|<[=!])/.exec(pattern)
  if (lookAround !== null) {
    throw new Failure(`error parsing regexp: invalid or unsupported Perl syntax: \`${lookAround[0]}\``)
  }
  if (/\\[1-9]/.test(pattern)) throw new Failure('error parsing regexp: invalid escape sequence')
  if (nested.test(pattern)) {
    throw new Failure(`the pattern \`${pattern}\` repeats a repetition; write it without nesting`, 'E_KUSTOMIZE_LIMIT')
  }
  const translated = pattern
    .replaceAll('(?P<', '(?<')
    .replace(/\\A/g, '^')
    .replace(/\\z/g, '$')
    .replace(/\[\[:alnum:\]\]/g, '[0-9A-Za-z]')
    .replace(/\[:alnum:\]/g, '0-9A-Za-z')
    .replace(/\[:alpha:\]/g, 'A-Za-z')
    .replace(/\[:digit:\]/g, '0-9')
    .replace(/\[:lower:\]/g, 'a-z')
    .replace(/\[:upper:\]/g, 'A-Z')
    .replace(/\[:space:\]/g, '\\s')
  const flags = /^\(\?([is]+)\)/.exec(translated)
  try {
    return flags === null ? new RegExp(translated) : new RegExp(translated.slice(flags[0].length), flags[1])
  } catch (error) {
    throw new Failure(`error parsing regexp: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** A group that holds a repetition and is repeated itself. */
const nested = /\((?:[^()\\]|\\.)*[*+}](?:[^()\\]|\\.)*\)\)*[*+{]/
