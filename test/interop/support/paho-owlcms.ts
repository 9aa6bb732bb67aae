import { javaCommand, pahoJava } from './foreign.ts'
import { startLineProcess, type Lines } from './lines.ts'

/** An owlcms with one platform, as its MQTT side is: Paho Java with owlcms's own settings and habits. */
export interface PahoOwlcms {
  /** "connected", "listening" (after the lamp test), "took TOPIC PAYLOAD", "lost". */
  readonly lines: Lines
  readonly version: string
  /** Ends its process without a goodbye. */
  kill(): Promise<void>
}

/** Starts it; resolves when it listens. */
export async function startPahoOwlcms(
  uri: string,
  platform: string,
  login: { readonly username: string; readonly password: string },
): Promise<PahoOwlcms> {
  const command = javaCommand(pahoJava, 'interop.Owlcms', ['-Xmx64m', '-XX:TieredStopAtLevel=1'])
  const { lines, kill } = startLineProcess([...command, uri, platform], [login.username, login.password])
  await lines.said('listening')
  const version = lines.all.shift()?.replace('version ', '') ?? 'unknown'
  return { lines, version, kill }
}
