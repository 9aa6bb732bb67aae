import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { closedDoor, type Answer, type HttpServer } from './front-door.ts'

export type { HttpServer } from './front-door.ts'

/** Serves `app` on `host` and `port`. Rejects with Node's error (`EADDRINUSE`, …) if it cannot listen. */
export async function listen(
  app: Hono,
  where: { readonly host: string; readonly port: number },
): Promise<HttpServer> {
  const door = await closedDoor(where)
  door.open(answerOf(app))
  return door
}

/** The pages of `app`, as a door takes them. */
export function answerOf(app: Hono): Answer {
  const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false })
  // It answers its own errors, so nothing is left to wait for.
  return (request, response) => void answer(request, response)
}
