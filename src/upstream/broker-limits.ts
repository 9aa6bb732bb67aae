import type { Publication, QoS } from '../protocol/publication.ts'

/** What the broker allows us, from the properties of its CONNACK (MQTT 5 section 3.2.2.3). */
export interface BrokerLimits {
  /** Publications above QoS 0 that may wait for their acknowledgement at one time. */
  readonly receiveMaximum: number
  readonly maximumQos: number
  readonly retainAvailable: boolean
  /** Bytes of a whole PUBLISH packet. */
  readonly maximumPacketBytes: number
}

/** What a broker says in CONNACK that it takes (MQTT 5 section 3.2.2.3). */
export interface ConnackLimits {
  readonly receiveMaximum?: number
  readonly maximumQoS?: number
  readonly retainAvailable?: boolean
  readonly maximumPacketSize?: number
}

/** The limits, with the standard's defaults for what the broker left out; MQTT 3.1.1 leaves out all. */
export function brokerLimits(properties: ConnackLimits | undefined): BrokerLimits {
  return {
    receiveMaximum: properties?.receiveMaximum ?? 65_535,
    maximumQos: properties?.maximumQoS ?? 2,
    retainAvailable: properties?.retainAvailable ?? true,
    maximumPacketBytes: properties?.maximumPacketSize ?? 268_435_460,
  }
}

/** Size in bytes of the PUBLISH packet that carries this publication without any property. */
export function packetBytes(publication: Publication, qos: QoS, protocolVersion: 4 | 5): number {
  const topic = 2 + Buffer.byteLength(publication.topic)
  const identifier = qos > 0 ? 2 : 0
  const properties = protocolVersion === 5 ? 1 : 0
  const remaining = topic + identifier + properties + publication.payload.byteLength
  const lengthField = remaining < 128 ? 1 : remaining < 16_384 ? 2 : remaining < 2_097_152 ? 3 : 4
  return 1 + lengthField + remaining
}
