const windowMs = 10_000
let lastAt = Number.NEGATIVE_INFINITY

/** Says that the person has just changed something here: what they see of it may move at once. */
export function noteOwnChange(now = performance.now()): void {
  lastAt = now
}

/**
 * Whether the person changed something within the last ten seconds. Tables hold still for what others do, not for one's
 * own deeds: a row that somebody has just removed must not stand there with its button as if nothing had happened.
 */
export function changedByOneself(now = performance.now()): boolean {
  return now - lastAt < windowMs
}
