import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import { Repository } from '../../git/index.ts'
import type { StoredRepository } from './repositories.ts'

/** Repositories that the REST API reads, kept open for a while: each holds at most one idle git process. */
export class OpenRepositories {
  readonly #dataDir: string
  readonly #open = new LRUCache<string, Repository>({ max: 16, dispose: repository => repository.close() })

  constructor(dataDir: string) {
    this.#dataDir = dataDir
  }

  /** The repository, ready to be read. */
  get(repository: StoredRepository): Repository {
    let found = this.#open.get(repository.folder)
    if (!found) {
      found = new Repository(join(this.#dataDir, 'repositories', repository.folder))
      this.#open.set(repository.folder, found)
    }
    return found
  }

  /** Ends what is open for a repository that is going away. */
  drop(repository: StoredRepository): void {
    this.#open.delete(repository.folder)
  }

  /** Ends everything. */
  close(): void {
    this.#open.clear()
  }
}
