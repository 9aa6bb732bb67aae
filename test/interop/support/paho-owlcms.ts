import { javaCommand, pahoJava } from './foreign.ts'
import { startLineProcess } from './lines.ts'

export type PahoOwlcms = Awaited<ReturnType<typeof startPahoOwlcms>>

/**
 * An owlcms with one platform, as its MQTT side is: Paho Java with owlcms's own settings and habits. Says "connected", "listening"
 * (after the lamp test; it resolves then), "took TOPIC PAYLOAD", "lost".
 */
export async function startPahoOwlcms(
  uri: string,
  platform: string,
  login: { readonly username: string; readonly password: string },
) {
  const command = javaCommand(pahoJava, 'interop.Owlcms', ['-Xmx64m', '-XX:TieredStopAtLevel=1'])
  const { lines, kill } = startLineProcess([...command, uri, platform], [login.username, login.password])
  await lines.said('listening')
  const version = lines.all.shift()?.replace('version ', '') ?? 'unknown'
  return { lines, version, kill }
}
