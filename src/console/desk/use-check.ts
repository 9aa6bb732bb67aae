import { useEffect, useRef, useState } from 'hono/jsx/dom'
import type { DeskRequest } from '../../protocol/contract/desk.ts'
import { noCheck, withProgress, type CheckSoFar } from './check-list.tsx'
import type { DeskApi } from './desk-api.ts'

/**
 * How far the way to the broker goes with what stands in the form, at once with what is kept; and what goes it
 * anew, once nothing more was typed for so long. What went before is let go.
 */
export function useCheck(
  api: DeskApi,
  kept: DeskRequest,
): readonly [CheckSoFar, (request: DeskRequest, delayMs: number) => void] {
  const [check, setCheck] = useState<CheckSoFar>(noCheck)
  const underWay = useRef<{ readonly end: AbortController; readonly timer: number } | null>(null)
  const tryAfter = (request: DeskRequest, delayMs: number) => {
    window.clearTimeout(underWay.current?.timer)
    underWay.current?.end.abort()
    setCheck(noCheck)
    if (request.place === 'own' || request.server.trim() === '') return
    const end = new AbortController()
    let soFar: CheckSoFar = { ...noCheck, kind: 'running' }
    const begin = () => {
      setCheck(soFar)
      void api.check(request, (progress) => setCheck((soFar = withProgress(soFar, progress))), end.signal)
    }
    underWay.current = { end, timer: window.setTimeout(begin, delayMs) }
  }
  useEffect(() => {
    tryAfter(kept, 0)
    return () => underWay.current?.end.abort()
  }, [])
  return [check, tryAfter]
}
