#!/usr/bin/env node
// Takes the pictures in docs/images anew: `node scripts/screenshots.mjs [folder]`. Needs Chromium and the built console.
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

const done = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--project', 'browser', 'test/browser/screenshots.test.ts'],
  {
    stdio: 'inherit',
    env: { ...process.env, SLUICE_SCREENSHOTS: process.argv[2] === undefined ? '' : resolve(process.argv[2]) },
  },
)
process.exit(done.status ?? 1)
