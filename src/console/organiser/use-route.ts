import { useLayoutEffect, useState } from 'hono/jsx/dom'
import { routeOf, type Route } from './route.ts'

/** Follows the address. `#content` (the skip link) leads nowhere else. */
export function useRoute(): Route {
  const [route, setRoute] = useState(() => routeOf(window.location.hash))
  // An effect waits for the browser's next picture, and a click that comes before leads nowhere.
  useLayoutEffect(() => {
    const follow = () => {
      if (window.location.hash !== '#content') setRoute(routeOf(window.location.hash))
    }
    window.addEventListener('hashchange', follow)
    return () => window.removeEventListener('hashchange', follow)
  }, [])
  return route
}
