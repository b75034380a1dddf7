/** GitLab's access levels, by its "Roles and permissions". */
const titles: Readonly<Record<number, string>> = {
  5: 'a member with minimal access',
  10: 'a Guest',
  15: 'a Planner',
  20: 'a Reporter',
  30: 'a Developer',
  40: 'a Maintainer',
  50: 'an Owner',
}

/** The level that may push, and the one that may add deploy keys and webhooks. */
export const developer = 30
export const maintainer = 40
export const owner = 50

/** A level in words: `a Developer`. */
export function roleTitle(level: number): string {
  return titles[level] ?? `a member of level ${level}`
}

/** Who may create projects in a group, by its `project_creation_level`. */
export interface CreationRule {
  /** Undefined when the word is not known to us. */
  readonly allows: (level: number) => boolean | undefined
  readonly words: string
}

/** The rule of a group's `project_creation_level`. */
export function creationRule(word: unknown): CreationRule {
  const atLeast = (needed: number, name: string): CreationRule => ({
    allows: level => level >= needed,
    words: `the role ${name}, which the group wants of those who create projects`,
  })
  if (word === 'noone') return { allows: () => false, words: 'the group to let somebody create projects' }
  if (word === 'owner') return atLeast(owner, 'Owner')
  if (word === 'maintainer') return atLeast(maintainer, 'Maintainer')
  if (word === 'developer') return atLeast(developer, 'Developer or Maintainer')
  if (word === 'administrator')
    return { allows: () => false, words: 'an administrator of the instance, as the group wants' }
  // Not shown: everybody below Developer may not in any case.
  return {
    allows: level => (level >= owner ? true : level < developer ? false : undefined),
    words: 'at least the role Developer',
  }
}
