import { scrypt } from 'node:crypto'

/** Makes a key, as text, from a secret that a person may have chosen. Rejects only where there is no memory for it. */
export type DeriveKey = (secret: string, salt: string) => Promise<string>

/**
 * Whoever holds a link or a cookie can try passwords against it at home, so each guess must cost: 0.16 s of one core and
 * 32 MiB (128·N·r bytes, RFC 7914), which a machine of 256 MB can spare (`npm run bench -- --only=guess` measures it).
 * Another number here makes every printed link worthless.
 */
const keyCost = { N: 2 ** 15, r: 8, p: 3 } as const

/** {@link keyCost} in Node's thread pool, so that nobody is kept waiting but who needs the key. */
export const scryptKey: DeriveKey = (secret, salt) =>
  new Promise((resolve, reject) => {
    // The default limit is just what one needs, and counts a little more.
    scrypt(secret, salt, 32, { ...keyCost, maxmem: 2 ** 26 }, (error, key) => {
      if (error === null) resolve(key.toString('base64url'))
      else reject(error)
    })
  })

export interface SigningSecrets {
  /** Set, or the broker's password. */
  readonly secret: string
  /** The same on every bridge of a broker. */
  readonly secretSalt: string
  readonly previousSecret: string | undefined
  /** Undefined: there is no administrator. */
  readonly adminPassword: string | undefined
}

/** The first signs; all of them verify. */
export type LinkKeys = readonly [current: string, ...previous: string[]]

/**
 * The keys of links and of the console, the same on every bridge with the same secrets and after every restart. Each
 * is made when it is first asked for, once, and never two at a time: one needs 32 MiB.
 */
export class SigningKeys {
  readonly #secrets: SigningSecrets
  readonly #derive: DeriveKey
  #links: Promise<LinkKeys> | undefined
  #administrator: Promise<string> | undefined

  constructor(secrets: SigningSecrets, derive: DeriveKey = scryptKey) {
    this.#secrets = secrets
    this.#derive = derive
  }

  links(): Promise<LinkKeys> {
    return (this.#links ??= this.#makeLinks())
  }

  /**
   * Of the console's sessions and streams. Depends on the administrator's password, so that a new one ends them all, and
   * on the links' secret, so that knowing one of the two is not enough.
   */
  administrator(): Promise<string> {
    return (this.#administrator ??= this.#makeAdministrator())
  }

  async #makeLinks(): Promise<LinkKeys> {
    const { secret, secretSalt, previousSecret } = this.#secrets
    const current = await this.#derive(secret, saltOf('links', secretSalt))
    if (previousSecret === undefined) return [current]
    return [current, await this.#derive(previousSecret, saltOf('links', ''))]
  }

  async #makeAdministrator(): Promise<string> {
    const { secret, secretSalt, adminPassword = '' } = this.#secrets
    await this.links()
    return this.#derive(`${secret}\0${adminPassword}`, saltOf('administrator', secretSalt))
  }
}

const saltOf = (use: 'links' | 'administrator', salt: string): string => `owlcms-bridge ${use}\0${salt}`
