import { posix, win32 } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Where the settings of this computer's user are kept when no file was named: the folder that the system has for such things,
 * which no other user reads. Undefined where there is no user, as for a service, or on a platform in the cloud.
 */
export function ownSettingsFile(platform: string, env: Environment): string | undefined {
  if (told(env, 'FLY_APP_NAME') !== undefined || told(env, 'DYNO') !== undefined) return undefined
  const path = platform === 'win32' ? win32 : posix
  const folder = folderOf(platform, env)
  return folder === undefined ? undefined : path.join(folder, 'owlcms-bridge', 'settings.txt')
}

function folderOf(platform: string, env: Environment): string | undefined {
  if (platform === 'win32') return told(env, 'APPDATA')
  const home = told(env, 'HOME')
  if (platform === 'darwin')
    return home === undefined ? home : posix.join(home, 'Library/Application Support')
  const configuration = told(env, 'XDG_CONFIG_HOME')
  // A relative one is to be ignored (XDG Base Directory Specification).
  if (configuration !== undefined && posix.isAbsolute(configuration)) return configuration
  return home === undefined ? home : posix.join(home, '.config')
}

function told(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim() ?? ''
  return text === '' ? undefined : text
}
