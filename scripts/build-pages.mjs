// Bundles each page of src/console/ (every script and style sheet directly in it) into dist/console/, one file each, nothing fetched
// from outside at run time; `node scripts/build-pages.mjs FOLDER` writes elsewhere. Types are checked by tsc
// (src/console/tsconfig.json); this only bundles.
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import { bundle as bundleStyles } from 'lightningcss'
import { rolldown } from 'rolldown'
import { checkBrowsers } from './check-browsers.mjs'
import { scriptTargets, styleTargets } from './oldest-browsers.mjs'

const source = new URL('../src/console/', import.meta.url)

/** A page's file as it is, and packed for slow lines: browsers take Brotli over HTTPS only, gzip everywhere. */
async function writePacked(file, text) {
  await Promise.all([
    writeFile(file, text),
    promisify(brotliCompress)(text).then((packed) => writeFile(`${file}.br`, packed)),
    promisify(gzip)(text, { level: 9 }).then((packed) => writeFile(`${file}.gz`, packed)),
  ])
}

/** Resolves to the files that went into the pages. */
export async function buildPages(target = fileURLToPath(new URL('../dist/console/', import.meta.url))) {
  const names = await readdir(source)
  const modules = []
  await mkdir(target, { recursive: true })
  for (const sheet of names.filter((name) => name.endsWith('.css'))) await buildStyles(sheet, target)
  for (const page of names.filter((name) => /\.tsx?$/.test(name)))
    modules.push(...(await buildPage(page, target)))
  return modules
}

async function buildStyles(sheet, target) {
  const { code } = bundleStyles({
    filename: fileURLToPath(new URL(sheet, source)),
    minify: true,
    targets: styleTargets,
  })
  checkBrowsers(sheet, code.toString())
  await writePacked(join(target, sheet), code)
}

async function buildPage(page, target) {
  const name = basename(page, extname(page))
  const bundle = await rolldown({
    input: fileURLToPath(new URL(page, source)),
    platform: 'browser',
    tsconfig: fileURLToPath(new URL('tsconfig.json', source)),
    checks: { circularDependency: true },
    onLog(level, log, handle) {
      const isOthers = log.code === 'CIRCULAR_DEPENDENCY' && log.message.includes('node_modules/')
      if (!isOthers) handle(level, log)
    },
    transform: { target: scriptTargets },
  })
  const { output } = await bundle.write({
    file: join(target, `${name}.js`),
    format: 'esm',
    minify: true,
    sourcemap: true,
    codeSplitting: false,
  })
  await bundle.close()
  const [{ code, modules }] = output
  // As written, with the line that names its map.
  await writePacked(join(target, `${name}.js`), await readFile(join(target, `${name}.js`)))
  const libraries = Object.entries(modules).filter(([id]) => id.includes('/node_modules/'))
  checkBrowsers(
    `${name}.js`,
    code,
    libraries.map(([, module]) => module.code ?? ''),
  )
  return output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPages(process.argv[2])
