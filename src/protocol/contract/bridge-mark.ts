/**
 * The user property (MQTT 5 section 3.2.2.3.10) by which a bridge tells in its CONNACK what it is. It has Nagle's algorithm off
 * and answers a config request to whoever asks (R2), so another bridge needs and wants one connection to it.
 */
export const bridgeMark = { 'owlcms-bridge': 'one connection' } as const
