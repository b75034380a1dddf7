/** An archive that is not read: broken, too large, or with an entry that must not be unpacked. */
export class ArchiveError extends Error {
  /** `problem` is a phrase about the archive: `it ends in the middle of an entry`. */
  constructor(problem: string) {
    super(`refused to unpack the archive: ${problem}`)
    this.name = 'ArchiveError'
  }
}
