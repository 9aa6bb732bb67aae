// Bundles each page of src/console/ (every file directly in it) into dist/console/, one script a page, nothing fetched
// from outside at run time. Types are checked by tsc (src/console/tsconfig.json); this only bundles.
import { readdir } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { rolldown } from 'rolldown'

/** Resolves to the files that went into the pages. `target`: the folder for the scripts. */
export async function buildPages(target = new URL('../dist/console/', import.meta.url).pathname) {
  const folder = new URL('../src/console/', import.meta.url)
  const pages = (await readdir(folder)).filter((name) => /\.tsx?$/.test(name))
  const modules = []
  for (const page of pages) modules.push(...(await buildPage(folder, page, target)))
  return modules
}

async function buildPage(folder, page, target) {
  const name = basename(page, extname(page))
  const bundle = await rolldown({
    input: new URL(page, folder).pathname,
    platform: 'browser',
    tsconfig: new URL('tsconfig.json', folder).pathname,
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
