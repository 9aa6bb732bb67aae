// Bundles each page of src/console/ (every file directly in it) into dist/console/, one script a page, nothing fetched
// from outside at run time. Types are checked by tsc (src/console/tsconfig.json); this only bundles.
import { readdir } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { rolldown } from 'rolldown'

/** Resolves to the files that went into the pages. */
export async function buildPages() {
  const folder = new URL('../src/console/', import.meta.url)
  const pages = (await readdir(folder)).filter((name) => /\.tsx?$/.test(name))
  const modules = []
  for (const page of pages) modules.push(...(await buildPage(folder, page)))
  return modules
}

async function buildPage(folder, page) {
  const name = basename(page, extname(page))
  const bundle = await rolldown({
    input: new URL(page, folder).pathname,
    platform: 'browser',
    tsconfig: new URL('tsconfig.json', folder).pathname,
    checks: { circularDependency: true },
  })
  const { output } = await bundle.write({
    file: new URL(`../dist/console/${name}.js`, import.meta.url).pathname,
    format: 'esm',
    minify: true,
    sourcemap: true,
    codeSplitting: false,
  })
  await bundle.close()
  return output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []))
}
