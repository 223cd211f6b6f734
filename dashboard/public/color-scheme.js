/* Sets light or dark before the first paint. A file of its own because the page runs under script-src 'self'. */
;(() => {
  let stored = null
  try {
    stored = window.localStorage.getItem('mantine-color-scheme-value')
  } catch {
    // Storage may be forbidden; then the system's preference counts.
  }
  const dark =
    stored === 'dark' || (stored !== 'light' && window.matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
