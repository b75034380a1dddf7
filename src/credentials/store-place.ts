import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { SecretStore } from '../secrets/store.ts'

/** Where a data folder keeps its credentials, and where their key is. */
export interface StorePlace {
  readonly store: string
  readonly knownHosts: string
  readonly keyFile: string
}

/**
 * The key lies outside the data folder: SLUICE_KEY_FILE, or a file of its own in the person's configuration folder
 * (XDG_CONFIG_HOME, `~/.config`), so that a copy of the folder alone opens nothing. It is named after the place of the
 * store: each store has its own key, and a new one for it leaves the others alone.
 */
export function storePlace(
  dataDir: string,
  { env, cwd, keyFile }: { env: Readonly<Record<string, string | undefined>>; cwd: string; keyFile?: string },
): StorePlace {
  const named = keyFile ?? env['SLUICE_KEY_FILE']
  const config = env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config')
  const store = resolve(cwd, dataDir, 'credentials', 'store.json')
  const own = `store-${createHash('sha256').update(store).digest('hex').slice(0, 16)}.key`
  return {
    store,
    knownHosts: join(dataDir, 'credentials', 'known_hosts'),
    keyFile: named ? resolve(cwd, named) : join(config, 'sluice', own),
  }
}

export function openStore({ store, keyFile }: StorePlace): SecretStore {
  return new SecretStore({ path: store, keyFile })
}
