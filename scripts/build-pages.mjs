// Bundles each page of src/console/ (every file directly in it) into dist/console/, one script a page, nothing fetched
// from outside at run time; `node scripts/build-pages.mjs FOLDER` writes elsewhere. Types are checked by tsc
// (src/console/tsconfig.json); this only bundles.
import { readdir } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const source = new URL('../src/console/', import.meta.url)

/** Resolves to the files that went into the pages. */
export async function buildPages(target = fileURLToPath(new URL('../dist/console/', import.meta.url))) {
  const pages = (await readdir(source)).filter((name) => /\.tsx?$/.test(name))
  const modules = []
  for (const page of pages) modules.push(...(await buildPage(page, target)))
  return modules
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
    // Phones in a hall are old: Safari 15 and browsers of that age.
    transform: { target: ['es2021'] },
  })
  const { output } = await bundle.write({
    file: join(target, `${name}.js`),
    format: 'esm',
    minify: true,
    sourcemap: true,
    codeSplitting: false,
  })
  await bundle.close()
  return output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPages(process.argv[2])
