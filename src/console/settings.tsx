import './browser/array-at.ts'
import { render } from 'hono/jsx/dom'
import { DeskApi } from './desk/desk-api.ts'
import { DeskApp } from './desk/desk-app.tsx'

/** The settings page of a bridge in the hall: draws itself into the shell that the bridge served (src/http/desk/desk-app.tsx). */

const root = document.getElementById('app')
if (root !== null) render(<DeskApp api={new DeskApi(window.fetch.bind(window))} />, root)
