import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseIdentities } from '../age/keys.ts'
import { naming } from '../failure.ts'
import type { Keys } from '../keys.ts'
import { readSecretFile } from './seal-path.ts'

/**
 * The age keys of a person: of the named files, else those that sops itself would find: `SOPS_AGE_KEY`,
 * `SOPS_AGE_KEY_FILE`, and `sops/age/keys.txt` in the configuration folder.
 */
export async function findKeys(files: readonly string[], env: NodeJS.ProcessEnv): Promise<Keys> {
  const texts: [name: string, text: string][] = []
  for (const file of files) texts.push([file, (await readSecretFile(file)).toString('utf8')])
  if (texts.length === 0) {
    if (env['SOPS_AGE_KEY']) texts.push(['SOPS_AGE_KEY', env['SOPS_AGE_KEY']])
    const named = env['SOPS_AGE_KEY_FILE']
    if (named) texts.push([named, (await readSecretFile(named)).toString('utf8')])
    const config = env['XDG_CONFIG_HOME'] ?? (env['HOME'] === undefined ? undefined : join(env['HOME'], '.config'))
    const usual = config === undefined ? undefined : join(config, 'sops/age/keys.txt')
    const text = usual === undefined ? undefined : await readFile(usual, 'utf8').catch(() => undefined)
    if (usual !== undefined && text !== undefined) texts.push([usual, text])
  }
  const age = await Promise.all(texts.map(([name, text]) => naming(name, () => parseIdentities(text))))
  return { age: age.flat() }
}
