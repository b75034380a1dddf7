#!/usr/bin/env node
// Takes the pictures in docs/images anew: `node scripts/screenshots.mjs [folder [name…]]`. Needs Chromium and the built console.
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

const [folder, ...names] = process.argv.slice(2)
const done = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--project', 'browser', 'test/browser/screenshots.test.ts'],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      SLUICE_SCREENSHOTS: folder === undefined ? '' : resolve(folder),
      SLUICE_SCREENSHOTS_ONLY: names.join(' '),
    },
  },
)
process.exit(done.status ?? 1)
