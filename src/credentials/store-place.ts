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
 * The key lies outside the data folder: SLUICE_KEY_FILE, or `sluice/store.key` in the person's configuration folder
 * (XDG_CONFIG_HOME, `~/.config`), so that a copy of the folder alone opens nothing.
 */
export function storePlace(
  dataDir: string,
  { env, cwd, keyFile }: { env: Readonly<Record<string, string | undefined>>; cwd: string; keyFile?: string },
): StorePlace {
  const named = keyFile ?? env['SLUICE_KEY_FILE']
  const config = env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config')
  return {
    store: join(dataDir, 'credentials', 'store.json'),
    knownHosts: join(dataDir, 'credentials', 'known_hosts'),
    keyFile: named ? resolve(cwd, named) : join(config, 'sluice', 'store.key'),
  }
}

export function openStore({ store, keyFile }: StorePlace): SecretStore {
  return new SecretStore({ path: store, keyFile })
}
