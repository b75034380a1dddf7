import { asSluiceError, diskWords, SluiceError } from '../base/errors/index.ts'

/** A failed write below a folder as E_GIT_DISK_FULL or E_FILE_WRITE; other errors as they are. */
export function asFileError(error: unknown, folder: string): SluiceError {
  if (error instanceof SluiceError) return error
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new SluiceError('E_GIT_DISK_FULL', { object: folder, cause: error })
  if (code === undefined) return asSluiceError(error)
  return new SluiceError('E_FILE_WRITE', { object: folder, seen: diskWords(code), cause: error })
}
