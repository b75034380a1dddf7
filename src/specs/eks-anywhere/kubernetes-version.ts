/** The minor number of a version such as `1.32`, or undefined when the text is not one. */
export function minorOf(version: string | undefined): number | undefined {
  const match = /^1\.(\d{1,3})$/.exec(version ?? '')
  return match === null ? undefined : Number(match[1])
}

/** Major and minor of a version such as `v0.22.3`, or undefined. */
export function releaseOf(version: string | undefined): { major: number; minor: number; patch: number } | undefined {
  const match = /^v(\d+)\.(\d+)\.(\d+)/.exec(version ?? '')
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) }
}
