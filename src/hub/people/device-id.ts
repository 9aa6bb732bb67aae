import { createHash } from 'node:crypto'

/**
 * A short name for a client in the console's requests, made from its session's key: always the same for the same key,
 * and telling nothing about it.
 */
export function deviceId(key: string): string {
  return createHash('sha256').update(`owlcms-bridge device\0${key}`).digest('base64url').slice(0, 12)
}
