import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { read, root } from './checkout.ts'

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly needs?: string | readonly string[]
  readonly permissions?: Readonly<Record<string, string>>
  readonly 'timeout-minutes': number
  readonly steps: readonly Step[]
}

interface Workflow {
  readonly on: unknown
  readonly permissions: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

const release = parse(read('.github/workflows/release.yml')) as Workflow
const jobs = Object.entries(release.jobs)
const packageJson = JSON.parse(read('package.json')) as {
  readonly version: string
  readonly scripts: Readonly<Record<string, string>>
}

describe('a release', () => {
  it('is made from a version tag only, after the whole check, and published last', () => {
    expect(release.on).toEqual({ push: { tags: ['v*'] } })
    expect(jobs.map(([name, { needs }]) => [name, needs])).toEqual([
      ['check', undefined],
      ['npm', 'check'],
      ['image', 'check'],
      ['draft', ['check', 'npm', 'image']],
    ])
    expect(release.jobs['check']?.steps.at(-1)?.run).toBe('bash .ci/run')
  })

  it('may do in each job only what that job needs', () => {
    expect(release.permissions).toEqual({ contents: 'read' })
    expect(Object.fromEntries(jobs.map(([name, { permissions }]) => [name, permissions]))).toEqual({
      check: undefined,
      npm: { contents: 'read', 'id-token': 'write' },
      image: { contents: 'read', packages: 'write' },
      draft: { contents: 'write' },
    })
  })

  it('has the image for Intel and ARM, with labels, provenance and a list of parts', () => {
    const build = release.jobs['image']?.steps.find(
      ({ uses }) => uses?.startsWith('docker/build-push-action@') === true,
    )
    expect(build?.with).toMatchObject({
      platforms: 'linux/amd64,linux/arm64',
      provenance: true,
      sbom: true,
      labels: '${{ steps.facts.outputs.labels }}',
    })
  })

  it('runs only npm scripts that exist, and names a version of every action', () => {
    const steps = jobs.flatMap(([, job]) => job.steps)
    const named = steps.flatMap(({ run = '' }) =>
      [...run.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map((found) => found[1]),
    )
    expect(named).toEqual(['pack', 'sbom'])
    expect(named.filter((name) => !Object.hasOwn(packageJson.scripts, name ?? ''))).toEqual([])
    expect(steps.filter(({ uses }) => uses !== undefined && !/^[\w/-]+@v\d+$/.test(uses))).toEqual([])
    expect(steps.some(({ run }) => run === 'npm publish --provenance --access public')).toBe(true)
  })

  it('finds its version in the changelog', () => {
    expect(read('CHANGELOG.md')).toContain(`\n## ${packageJson.version}`)
  })

  it('lists every part that the build put into the program, and no tool, as CycloneDX', async () => {
    const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], {
      cwd: root,
      maxBuffer: 2 ** 24,
    })
    const sbom = JSON.parse(stdout) as {
      readonly bomFormat: string
      readonly metadata: { readonly component: { readonly name: string; readonly version: string } }
      readonly components: readonly {
        readonly name: string
        readonly version: string
        readonly licenses?: unknown
      }[]
    }
    const { name, version } = sbom.metadata.component
    expect([sbom.bomFormat, name, version]).toEqual(['CycloneDX', 'owlcms-bridge', packageJson.version])
    const shipped = JSON.parse(read('dist/third-party.json')) as readonly { name: string; version: string }[]
    const inOrder = (parts: readonly { name: string; version: string }[]) =>
      [...new Set(parts.map(({ name, version }) => `${name}@${version}`))].toSorted()
    expect(inOrder(sbom.components)).toEqual(inOrder(shipped))
    expect(sbom.components.filter(({ licenses }) => licenses === undefined)).toEqual([])
  }, 60_000)
})
