// Bundles the command line and the library entries into dist/: one file set that starts fast.
// `splitting` keeps each command's code in a chunk of its own, loaded only when that command runs.
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { build } from 'esbuild'

// The console in dist/web is built by scripts/build-web.mjs and stays.
for (const name of existsSync('dist') ? readdirSync('dist') : []) {
  if (name !== 'web' && name !== '.web-setup') rmSync(`dist/${name}`, { recursive: true, force: true })
}
await build({
  entryPoints: {
    'cli/main': 'src/cli/main.ts',
    'sandbox/index': 'src/sandbox/index.ts',
    'kustomize/index': 'src/kustomize/index.ts',
    'engine/index': 'src/engine/index.ts',
  },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  sourcemap: 'linked',
  logLevel: 'warning',
  banner: {},
})
