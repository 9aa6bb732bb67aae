import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The top folder of the checkout. */
export const root = join(import.meta.dirname, '..', '..')

/** The text of a file, named from the top folder. */
export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** The files a clone would have, plus the new ones that git doesn't ignore: what a deploy from here would send. */
export function files(): readonly string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z']
  const listed = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\0')
  return [...new Set(listed)].filter((path) => path !== '' && existsSync(join(root, path)))
}

/** The command behind `web:` in the Procfile. */
export function procfileCommand(): string {
  const line = read('Procfile')
    .split('\n')
    .find((text) => text.startsWith('web:'))
  if (line === undefined) throw new Error('the Procfile has no web: line')
  return line.slice('web:'.length).trim()
}
