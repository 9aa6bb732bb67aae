import { scryptKey, type DeriveKey } from '../../src/access/signing-keys.ts'

const keys = new Map<string, Promise<string>>()

/** The real keys, each made once in a test file: a hundred bridges of one hall need not pay a hundred times. */
export const rememberedKey: DeriveKey = (secret, salt) => {
  const name = JSON.stringify([secret, salt])
  const key = keys.get(name) ?? scryptKey(secret, salt)
  keys.set(name, key)
  return key
}
