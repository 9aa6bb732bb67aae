import { scryptKey } from '../src/access/signing-keys.ts'

/**
 * Milliseconds of processor time that one password costs to whoever tries it against a link or a cookie, with the very
 * function that the bridge uses. All threads counted, so that a busy machine changes little.
 */
export async function guessCpuMs(password: string): Promise<number> {
  const before = process.cpuUsage()
  await scryptKey(password, 'owlcms-bridge links\0hall')
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
