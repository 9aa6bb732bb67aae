/** Loaded before a server under `--expose-gc`: SIGUSR2 collects garbage, so that memory can be compared. */
process.on('SIGUSR2', () => {
  globalThis.gc?.()
  globalThis.gc?.()
})
