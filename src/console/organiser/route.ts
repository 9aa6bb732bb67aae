/** Which view the address names, behind its `#`. */
export type Route =
  | { readonly view: 'hall' | 'seats' | 'check' | 'messages' | 'bridge' }
  | { readonly view: 'result'; readonly platform: string }

/** Unknown addresses lead to the hall. */
export function routeOf(hash: string): Route {
  const [word = '', detail] = hash.replace(/^#/, '').split('/', 2)
  switch (word) {
    case 'seats':
    case 'check':
    case 'messages':
    case 'bridge':
      return { view: word }
    case 'result':
      return detail === undefined ? { view: 'hall' } : { view: word, platform: decoded(detail) }
    default:
      return { view: 'hall' }
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // A hand-written address; no platform has that name.
  }
}
