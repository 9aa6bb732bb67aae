// Runs the steps of the Dockerfile one by one in clean Debian roots, where there is no Docker: as root, with debootstrap.
// Each stage begins from Debian and this machine's Node alone. COPY obeys .dockerignore, RUN runs in a chroot, and the
// command runs as the user that the Dockerfile names, until /livez answers; then the health check and the stop are tried.
// What it can't show: the image's own Node version, and its layers. A few minutes, most of them for Debian's packages, which
// DEBOOTSTRAP_CACHE=<absolute folder> keeps for the next time; DEBIAN_MIRROR names a nearer mirror.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const checkout = new URL('../', import.meta.url).pathname
const mirror = process.env['DEBIAN_MIRROR'] ?? 'http://deb.debian.org/debian'
const release = 'bookworm'
/** By its path, since the steps get a PATH of their own. */
const chroot = '/usr/sbin/chroot'
/** The account `node` of the official image. */
const nodeUser = 1000
const port = 18080
const startMs = 20_000
const stopMs = 5_000

const work = mkdtempSync(join(tmpdir(), 'owlcms-bridge-image-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))

const missing = [
  ...(process.getuid?.() === 0 ? [] : ['root']),
  ...(spawnSync('debootstrap', ['--version']).error === undefined
    ? []
    : ['debootstrap (apt-get install debootstrap)']),
]
if (missing.length > 0) console.log(`Not run: needs ${missing.join(' and ')}.`)
else await tryImage()

async function tryImage() {
  const debian = join(work, 'debian')
  say(`debootstrap ${release}`)
  const cache = process.env['DEBOOTSTRAP_CACHE']
  const options = ['--variant=minbase', ...(cache === undefined ? [] : [`--cache-dir=${cache}`])]
  execFileSync('debootstrap', [...options, release, debian, mirror], { stdio: 'ignore' })
  addNode(debian)
  const stages = []
  for (const { name, rest } of instructions()) {
    if (name === 'FROM') stages.push(beginStage(debian, rest, stages.length))
    else step(stages, name, rest)
  }
  await runImage(stages.at(-1))
}

function beginStage(debian, rest, index) {
  say(`FROM ${rest}`)
  const root = join(work, `stage-${index}`)
  execFileSync('cp', ['-a', '--reflink=auto', debian, root])
  return {
    root,
    label: / AS (\S+)/i.exec(rest)?.[1],
    env: {},
    folder: '/',
    user: 'root',
    command: [],
    health: [],
  }
}

function step(stages, name, rest) {
  const stage = stages.at(-1)
  say(`${name} ${rest}`)
  switch (name) {
    case 'WORKDIR':
      stage.folder = rest
      mkdirSync(join(stage.root, rest), { recursive: true })
      return
    case 'ENV':
      Object.assign(stage.env, Object.fromEntries([rest.split(/=(.*)/s).slice(0, 2)]))
      return
    case 'COPY':
      copy(stages, stage, rest)
      return
    case 'RUN':
      inRoot(stage, 'root', ['/bin/sh', '-c', rest])
      return
    case 'USER':
      stage.user = rest
      return
    case 'CMD':
      stage.command = JSON.parse(rest)
      return
    case 'HEALTHCHECK':
      stage.health = JSON.parse(rest.slice(rest.indexOf('CMD') + 3))
      return
    case 'EXPOSE':
    case 'LABEL':
      return
    default:
      throw new Error(`a step that this script does not know: ${name}`)
  }
}

function copy(stages, stage, rest) {
  const words = rest.split(' ')
  const from = /^--from=(.*)/.exec(words[0])?.[1]
  const sources = words.slice(from === undefined ? 0 : 1, -1)
  const base = from === undefined ? checkout : stages.find(({ label }) => label === from).root
  const target = join(stage.root, stage.folder, words.at(-1))
  for (const source of sources) {
    if (from === undefined && !allowed().includes(source))
      throw new Error(`.dockerignore keeps out ${source}`)
    const to = words.at(-1).endsWith('/') ? join(target, source) : target
    cpSync(join(base, source), to, { recursive: true })
  }
}

/** What .dockerignore lets in. */
function allowed() {
  const lines = readFileSync(join(checkout, '.dockerignore'), 'utf8').split('\n')
  return lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
}

/** This machine's Node and npm, the libraries Node wants beyond Debian's, certificates, names, and the user `node`. */
function addNode(root) {
  const node = realpathSync(process.execPath)
  cpSync(node, join(root, 'usr/local/bin/node'))
  const npm = dirname(dirname(realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim())))
  cpSync(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true })
  execFileSync('ln', ['-s', '../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm')])
  const libraries = execFileSync('ldd', [node], { encoding: 'utf8' }).matchAll(/=> (\/\S+)/g)
  for (const [, file] of libraries) {
    if (!existsSync(join(root, file))) cpSync(realpathSync(file), join(root, file), { recursive: true })
  }
  for (const file of ['/etc/resolv.conf', '/etc/hosts', '/etc/ssl/certs/ca-certificates.crt']) {
    if (!existsSync(file)) continue
    mkdirSync(join(root, dirname(file)), { recursive: true })
    writeFileSync(join(root, file), readFileSync(file))
  }
  // A minimal Debian has no device files of its own.
  for (const [device, minor] of Object.entries({ null: '3', urandom: '9' })) {
    if (!existsSync(join(root, 'dev', device)))
      execFileSync('mknod', ['-m', '666', join(root, 'dev', device), 'c', '1', minor])
  }
  execFileSync(chroot, [root, 'useradd', '--uid', String(nodeUser), '--create-home', 'node'])
}

/** What npm may need of this machine to reach its registry; nothing else gets in. */
function environment(stage, user) {
  const passed = /^(?:https?_proxy|no_proxy|npm_config_registry|NODE_EXTRA_CA_CERTS)$/i
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => passed.test(name))),
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: user === 'root' ? '/root' : `/home/${user}`,
    ...stage.env,
  }
}

function chrootArguments(stage, user, command) {
  const change = ['sh', '-c', 'cd "$0" && exec "$@"', stage.folder, ...command]
  return [`--userspec=${user}`, stage.root, ...change]
}

function inRoot(stage, user, command) {
  const options = { env: environment(stage, user), encoding: 'utf8', maxBuffer: 64 * 2 ** 20 }
  const { error, status, stdout, stderr } = spawnSync(chroot, chrootArguments(stage, user, command), options)
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`)
}

/** Settings are missing, as after a first deploy: the setup page must be there, alive and not ready. */
async function runImage(stage) {
  say(`as ${stage.user}: ${stage.command.join(' ')}`)
  stage.env['PORT'] = String(port)
  const child = spawn(chroot, chrootArguments(stage, stage.user, stage.command), {
    env: { ...environment(stage, stage.user), HOST: '127.0.0.1' },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const exited = once(child, 'exit')
  try {
    await untilAlive(child)
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`)
    if (ready.status !== 503) throw new Error(`/readyz says ${ready.status} without settings`)
    inRoot(stage, stage.user, stage.health)
    if (existsSync(join(stage.root, stage.folder, 'node_modules')))
      throw new Error('the image has node_modules')
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    if (!new RegExp(`Uid:\\s+${nodeUser}\\b`).test(status)) throw new Error('it runs as another user')
    child.kill('SIGTERM')
    const [code] = await Promise.race([exited, delay(stopMs, ['still running'])])
    if (code !== 0) throw new Error(`stopped with ${code}`)
    const size = execFileSync('du', ['-sm', join(stage.root, stage.folder)], { encoding: 'utf8' }).split(
      '\t',
    )[0]
    say(`All steps passed. ${stage.folder} has ${size} MB.`)
  } finally {
    child.kill('SIGKILL')
  }
}

async function untilAlive(child) {
  const until = performance.now() + startMs
  for (;;) {
    const alive = await fetch(`http://127.0.0.1:${port}/livez`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (alive) return
    if (child.exitCode !== null || performance.now() > until) throw new Error('the program does not answer')
    await delay(50)
  }
}

/** The instructions, comments dropped and continued lines joined. */
function instructions() {
  const lines = readFileSync(join(checkout, 'Dockerfile'), 'utf8').split('\n')
  const text = lines
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name, ...rest] = line.trim().split(/\s+/)
      return { name: name.toUpperCase(), rest: rest.join(' ') }
    })
}

function say(text) {
  console.log(`${Math.round(performance.now() / 1000)} s  ${text.slice(0, 100)}`)
}
