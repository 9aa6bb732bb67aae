// Which npm packages a bundle carries, with their licences. Found from the files that really went in, not from package.json.
import { readdir, readFile } from 'node:fs/promises'

/** What may be shipped under the MIT licence by keeping the text; anything else needs a person to look. */
export const allowedLicences = [
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'BlueOak-1.0.0',
]

/**
 * The packages of the given module files, sorted by name, as `{name, version, license, path, text}`; `path` as in
 * package-lock.json. Throws when a licence is missing or not among the allowed ones.
 */
export async function shippedPackages(moduleIds) {
  const folders = new Set(moduleIds.map(packageFolder).filter((folder) => folder !== undefined))
  const packages = await Promise.all([...folders].map(describe))
  const doubtful = packages.filter(({ license }) => !allowedLicences.includes(license))
  if (doubtful.length > 0) {
    throw new Error(`may not be shipped: ${doubtful.map((one) => `${one.name} (${one.license})`).join(', ')}`)
  }
  return packages.toSorted((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1))
}

/** `/x/node_modules/a/node_modules/@b/c/lib/d.js` → `/x/node_modules/a/node_modules/@b/c`. */
export function packageFolder(moduleId) {
  return /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/@][^/]*)\//.exec(moduleId.replaceAll('\\', '/'))?.[1]
}

async function describe(folder) {
  const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'))
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice)/i.test(file)).toSorted()
  const texts = await Promise.all(files.map((file) => readFile(`${folder}/${file}`, 'utf8')))
  const path = folder.slice(folder.indexOf('/node_modules/') + 1)
  const text = texts.map((text) => text.trim()).join('\n\n')
  return { name, version, license: license ?? 'no licence named', path, text }
}

/** All names and texts, as the licences ask for. */
export function licenceText(packages) {
  const intro = [
    '# What this program carries of others',
    '',
    'Written by the build from the files that went into the bundle. The program itself is under the licence in LICENSE.',
  ]
  const parts = packages.flatMap(({ name, version, license, text }) => [
    '',
    `## ${name} ${version}: ${license}`,
    '',
    ...(text === ''
      ? ['The package comes without a text; the licence is the one named above.']
      : fence(text)),
  ])
  return [...intro, ...parts, ''].join('\n')
}

const fence = (text) => ['```text', text.replaceAll('```', "'''"), '```']
