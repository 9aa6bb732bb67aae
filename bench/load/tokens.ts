import { SigningKeys } from '../../src/access/signing-keys.ts'
import { newTokenId, signToken, type TokenSubject } from '../../src/access/token.ts'

/** Signs the tokens of the bench's keypads. */
export const benchSecret = 'a secret of the bench, for keypads on 127.0.0.1 only'

const keys = new SigningKeys({
  ...{ secret: benchSecret, secretSalt: '', previousSecret: undefined, adminPassword: undefined },
})

/** Good for a day. */
export async function tokenOf(subject: TokenSubject): Promise<string> {
  const issuedAt = Date.now()
  const facts = { tokenId: newTokenId(Math.random), issuedAt, expiresAt: issuedAt + 86_400_000 }
  return signToken(subject, facts, (await keys.links())[0])
}
