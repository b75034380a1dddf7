import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// `vite build` makes the console; `vite build --mode gallery` makes the page of all primitives, for the design review
// and its browser test. `vite` serves both and hands API calls on to a running `sluice serve`.
export default defineConfig(({ mode }) => ({
  root: here('.'),
  plugins: [react()],
  resolve: {
    alias: {
      // Radix locks scrolling with this package, which writes style elements: the server's CSP forbids them.
      'react-remove-scroll': here('src/ui/scroll-lock.tsx'),
    },
  },
  build: {
    outDir: here('../dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    // No data: URLs and no inline script: everything is a file under the page's own origin.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    // scripts/web-sizes.mjs holds the shell to its budget; CodeMirror is one large chunk that comes late.
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      input: mode === 'gallery' ? here('gallery.html') : here('index.html'),
    },
  },
  server: {
    proxy: { '/api': process.env['SLUICE_SERVER'] ?? 'http://127.0.0.1:4480' },
  },
}))
