// Prints the list of parts of the built program as CycloneDX: npm's own, cut down to what the build says went into the
// bundle (dist/third-party.json). `npm sbom --omit dev` alone leaves out what a tool needs as well.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8')
const shipped = new Set(
  JSON.parse(read('../dist/third-party.json')).map(({ name, version }) => `${name}@${version}`),
)
const options = { cwd: new URL('../', import.meta.url), encoding: 'utf8', maxBuffer: 64 * 2 ** 20 }
const all = JSON.parse(execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx'], options))
const components = all.components.filter(({ name, version }) => shipped.has(`${name}@${version}`))
const refs = new Set([all.metadata.component['bom-ref'], ...components.map((part) => part['bom-ref'])])
const dependencies = all.dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((part) => refs.has(part)) }))
const missing = [...shipped].filter(
  (part) => !components.some(({ name, version }) => `${name}@${version}` === part),
)
if (missing.length > 0) throw new Error(`npm doesn't list ${missing.join(', ')}`)
// npm takes the folder's name for the program's.
const { name } = JSON.parse(read('../package.json'))
const metadata = { ...all.metadata, component: { ...all.metadata.component, name } }
console.log(JSON.stringify({ ...all, metadata, components, dependencies }, null, 2))
