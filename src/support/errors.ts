/** What an unknown thrown value says, in one line, for a log or a status field. Never a stack. */
export function errorText(thrown: unknown): string {
  if (thrown instanceof Error) {
    // Node wraps "all addresses failed" in an AggregateError whose own message is empty.
    if (thrown instanceof AggregateError && thrown.message === '') {
      return thrown.errors.map(errorText).join('; ')
    }
    return thrown.message === '' ? thrown.name : thrown.message
  }
  return String(thrown)
}

/** The `code` of a Node, TLS or MQTT error ('ECONNREFUSED', 'CERT_HAS_EXPIRED', 5, 134), if it has one. */
export function errorCode(thrown: unknown): string | number | undefined {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return errorCode(thrown.errors[0])
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined
  const { code } = thrown
  return typeof code === 'string' || typeof code === 'number' ? code : undefined
}
