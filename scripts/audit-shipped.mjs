// npm audit for what the bundle really carries (dist/third-party.json, written by the build). Exit code 0: none of it has
// a known hole, or the registry did not answer, which is said. Exit code 1: one has; update it.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const shipped = JSON.parse(readFileSync(new URL('../dist/third-party.json', import.meta.url), 'utf8'))
const { stdout } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8', maxBuffer: 64 * 2 ** 20 })
process.exitCode = tell(readAnswer(stdout))

function readAnswer(text) {
  try {
    const { vulnerabilities } = JSON.parse(text)
    return vulnerabilities
  } catch {
    return undefined
  }
}

function tell(vulnerabilities) {
  if (vulnerabilities === undefined) {
    console.log(
      `Not checked: the registry gave no answer about the ${shipped.length} packages in the bundle.`,
    )
    return 0
  }
  const paths = new Set(shipped.map(({ path }) => path))
  const holes = Object.values(vulnerabilities)
  const ours = holes.filter(({ nodes }) => nodes.some((node) => paths.has(node)))
  for (const { name, severity, range } of ours) console.log(`${severity}: ${name} ${range}`)
  console.log(`${shipped.length} packages in the bundle, ${ours.length} with a known hole.`)
  console.log(`Of the packages that only build and test, ${holes.length - ours.length} have one.`)
  return ours.length === 0 ? 0 : 1
}
