import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp, createSetupApp } from '../../src/http/app.tsx'
import type { PageFiles } from '../../src/http/shells/page-files.ts'
import { listen, type HttpServer } from '../../src/http/door/listen.ts'
import { builtPages } from '../support/built-pages.ts'
import { complaintsOf, openTabs, type TestChromium } from '../support/chromium.ts'
import { describeIf, requirement } from '../support/requirements.ts'
import {
  answering,
  faults,
  platform2,
  platformA,
  silent,
  viewsOf,
  waiting,
  warnings,
  webOptions,
  type Scene,
} from './fixtures.ts'

let browser: TestChromium
let files: PageFiles

describeIf(requirement('chromium'))('the pages in a browser', () => {
  beforeAll(async () => {
    browser = await openTabs()
    files = await builtPages()
  })

  afterAll(async () => {
    await browser.close()
  })

  async function withPage(
    app: (pageFiles: PageFiles) => ReturnType<typeof createApp>,
    use: (page: Page, server: HttpServer) => Promise<void>,
  ): Promise<void> {
    const server = await listen(app(files), { host: '127.0.0.1', port: 0 })
    const page = await browser.context.newPage()
    const complaints = complaintsOf(page)
    try {
      await page.goto(`http://127.0.0.1:${server.port}/`)
      await use(page, server)
      expect(complaints).toEqual([])
    } finally {
      await page.close()
      await server.close()
    }
  }

  const statusApp = (scene: () => Scene) => (pageFiles: PageFiles) =>
    createApp(viewsOf(scene), webOptions({ pageFiles }))

  const busyPlatforms = [platformA, { ...platform2, name: 'Plateforme d’échauffement 2' }]
  const scenes: Readonly<Record<string, Scene>> = {
    green: { owlcms: answering, platforms: [platformA, { ...platform2, state: 'ready' }] },
    'broker-down': {
      link: waiting,
      owlcms: { ...answering, kind: 'unreachable' },
      platforms: [{ ...platformA, droppedPresses: 3 }],
    },
    'owlcms-silent': { owlcms: silent, platforms: busyPlatforms },
    starting: { platforms: [{ ...platformA, state: 'starting' }, platform2] },
  }
  const apps = {
    ...Object.fromEntries(Object.entries(scenes).map(([name, scene]) => [name, statusApp(() => scene)])),
    setup: (pageFiles: PageFiles) =>
      createSetupApp(
        { faults, warnings, version: '1.4.2' },
        webOptions({ hosting: 'fly', flyApp: 'my-bridge', pageFiles }),
      ),
  }

  test.for(Object.entries(apps))(
    'the page %s fits every screen from 320 px without sideways scrolling',
    async ([, app]) => {
      await withPage(app, async (page) => {
        for (const [width, height] of [
          [320, 568],
          [360, 740],
          [1440, 900],
        ] as const) {
          await page.setViewportSize({ width, height })
          const wide = await page.evaluate('document.documentElement.scrollWidth')
          expect({ width, wide }).toEqual({ width, wide: width })
        }
      })
    },
  )

  test('the page follows the bridge by itself, and greys out with the time when the bridge is gone', async () => {
    let scene: Scene = {}
    await withPage(
      statusApp(() => scene),
      async (page, server) => {
        expect(await page.locator('h1').innerText()).toContain('Decisions get through')
        scene = { link: waiting }
        await page.getByText('Decisions do not get through').first().waitFor()
        expect(await page.title()).toBe('✗ Decisions do not get through')
        await server.close()
        await page.locator('#stale:not([hidden])').waitFor()
        expect(await page.locator('#stale').innerText()).toMatch(
          /^✗ No connection to the bridge – this picture is from \d\d:\d\d:\d\d$/,
        )
        expect(await page.title()).toBe('✗ No connection to the bridge')
        expect(await page.locator('body').getAttribute('class')).toBe('outdated')
      },
    )
  })

  test('who walks through the links with the keyboard keeps their place while the page refreshes', async () => {
    let scene: Scene = { platforms: [platformA] }
    await withPage(
      statusApp(() => scene),
      async (page) => {
        await page.getByRole('link', { name: /Stage display/ }).focus()
        scene = { platforms: [{ ...platformA, droppedPresses: 3 }] }
        await page.getByText('3 decisions or signals were not delivered').waitFor()
        expect(await page.evaluate('document.activeElement.getAttribute("href")')).toBe('/view/A')
      },
    )
  })

  test('on a phone the first screen of the setup page holds the command, and one touch copies it', async () => {
    await withPage(apps.setup, async (page) => {
      await page.setViewportSize({ width: 360, height: 640 })
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      const command = page.locator('pre').first()
      const { y, height } = (await command.boundingBox())!
      expect(y + height).toBeLessThan(640)
      await page.getByRole('button', { name: 'Copy' }).first().click()
      await page.getByRole('button', { name: 'Copied' }).waitFor()
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(await command.innerText())
    })
  })

  test('what the reader opened on the setup page stays open', async () => {
    await withPage(apps.setup, async (page) => {
      await page.getByText('On Heroku').click()
      const fetched = () => page.waitForResponse((response) => response.url().endsWith('/'))
      await fetched()
      await fetched()
      expect(await page.locator('details[open]').count()).toBe(1)
    })
  })
})
