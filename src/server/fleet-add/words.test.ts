import { expect, it } from 'vitest'
import { errorEntry } from '../../base/errors/index.ts'
import { onPage } from './words.ts'

it('names no option of the command line where the page has a switch for it', () => {
  for (const code of [
    'E_BOOTSTRAP_NO_GITOPS',
    'E_BOOTSTRAP_MIXED_FLEETS',
    'E_BOOTSTRAP_PROVIDER',
    'E_BOOTSTRAP_CHECK_FAILED',
    'E_BOOTSTRAP_PLAN_MOVED',
    'E_BOOTSTRAP_PATH_IN_USE',
    'E_BOOTSTRAP_NOT_ADOPTED',
    'E_BOOTSTRAP_NO_MANAGEMENT',
    'E_BOOTSTRAP_SYNC_CONFLICT',
    'E_BOOTSTRAP_TOKEN_SHARED',
    'E_BOOTSTRAP_CLUSTER_KINDS',
    'E_BOOTSTRAP_LIVE_COUNTS',
    'E_BOOTSTRAP_NOT_READY',
    'E_BOOTSTRAP_SYNC_FAILED',
    'E_ENGINE_IMAGE',
    'E_FLUX_OPTION',
    'E_FLUX_MANIFESTS',
    'E_FLUX_MANIFESTS_DIGEST',
    'E_FLUX_DOWNLOAD',
    'E_FLUX_INSTALLED_OTHERWISE',
    'E_IMPORT_NOTHING',
    'E_IMPORT_NOT_FOLLOWED',
    'E_IMPORT_DIFFERENT',
    'E_IMPORT_UNBUILDABLE',
  ] as const) {
    // What Flux's own program is called with is no option of ours.
    const said = onPage(errorEntry(code).fix).replace('flux install --export', '')
    expect(said, code).not.toMatch(/--[a-z]|run the (same )?command/i)
  }
})
