import type { IDisconnectPacket } from 'mqtt-packet'
import type { Agreed, Client } from './client.ts'

/** The MQTT 5 reason of who leaves and still wants its will published [MQTT-3.14.4-3]. */
const withWill = 0x04

/** DISCONNECT: the client leaves, and may say how long its session is to stay [MQTT-3.14.2-2]. */
export function handleDisconnect(connection: Client, agreed: Agreed, packet: IDisconnectPacket): void {
  const expirySeconds = packet.properties?.sessionExpiryInterval
  if (expirySeconds !== undefined) {
    // A session that was to end with the connection can't be made to stay now.
    if (agreed.sessionExpirySeconds === 0 && expirySeconds > 0) {
      connection.end('protocolError', 'session expiry set at DISCONNECT')
      return
    }
    agreed.sessionExpirySeconds = Math.min(expirySeconds, connection.context.limits.maxSessionExpirySeconds)
  }
  connection.left(packet.reasonCode === withWill)
}
