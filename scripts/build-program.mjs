// Bundles the program into dist/: main.js with everything that `start` needs, chunks/ for what few commands load (the
// demo with its broker), a source map beside each. What the bundle carries is listed with its licences, so that dist/ is
// complete by itself. Types are checked by tsc; this only bundles.
import { isBuiltin } from 'node:module'
import { rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { buildPages } from './build-pages.mjs'
import { licenceText, shippedPackages } from './shipped-packages.mjs'

const root = new URL('../', import.meta.url)
const path = (relative) => fileURLToPath(new URL(relative, root))

await rm(new URL('dist', root), { recursive: true, force: true })
const pageModules = await buildPages()
const bundle = await rolldown({
  input: { main: path('src/main.ts') },
  platform: 'node',
  tsconfig: path('tsconfig.json'),
  // Native add-ons that ws and its like try and do without.
  external: ['bufferutil', 'utf-8-validate'],
  // Node's own streams instead of their copy for browsers: a sixth less to load at start.
  resolve: { alias: { 'readable-stream': 'node:stream' } },
  plugins: [noDebugOutput()],
})
const { output } = await bundle.write({
  dir: path('dist'),
  format: 'esm',
  sourcemap: true,
  // No names are shortened, so that a stack trace from a hall can be read without the map.
  minify: false,
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name].js',
  // What it takes to listen is one file instead of ten, which are read, linked and evaluated one by one. main.ts stays beside
  // package.json and the pages' files.
  codeSplitting: {
    groups: [{ name: 'listens', tags: ['$initial'], test: (id) => id !== path('src/main.ts') }],
  },
})
await bundle.close()

const chunks = output.filter(({ type }) => type === 'chunk')
failOnForeignImports(chunks)
const packages = await shippedPackages([...pageModules, ...chunks.flatMap(({ moduleIds }) => moduleIds)])
await writeFile(
  path('dist/third-party.json'),
  `${JSON.stringify(
    packages.map(({ name, version, license, path }) => ({ name, version, license, path })),
    null,
    2,
  )}\n`,
)
await writeFile(path('dist/THIRD-PARTY-LICENSES.md'), licenceText(packages))

/** Nobody may read what libraries debug, which is whole packets, passwords included; so what would print it isn't even loaded. */
function noDebugOutput() {
  const own = '\0no-debug-output'
  return {
    name: 'no-debug-output',
    resolveId: (id) => (id === 'debug' ? own : null),
    load: (id) => (id === own ? 'module.exports = () => () => undefined' : null),
  }
}

/** A package that stayed outside would be missing where only dist/ is deployed. */
function failOnForeignImports(chunks) {
  const names = new Set(chunks.map(({ fileName }) => fileName))
  const imported = chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])
  const foreign = imported.filter((name) => !names.has(name) && !isBuiltin(name))
  if (foreign.length > 0) throw new Error(`not in the bundle: ${foreign.join(', ')}`)
}
