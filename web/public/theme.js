// Runs before the first paint, so that a page in the dark never flashes white. The console's own code is src/frame/theme.ts.
;(() => {
  let chosen = null
  try {
    chosen = localStorage.getItem('sluice.theme')
  } catch {}
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
})()
