import tseslint from 'typescript-eslint'
import { oldestBrowsers } from './scripts/eslint-browsers.mjs'
import { noCircles } from './scripts/eslint-circles.mjs'

/**
 * The import arrows of the architecture (CONTRIBUTING.md, "Where things are"), held by lint.
 * Each folder names what it may import from src/; everything else is an error.
 */
const folders = [
  'protocol',
  'support',
  'hub',
  'access',
  'config',
  'upstream',
  'downstream',
  'journal',
  'http',
  'texts',
  'metrics',
  'console',
  'simulator',
  'demo',
  'trial',
  'doctor',
  'bridge',
  'commands',
]

const wires = {
  mqtt: 'only upstream/ (and the simulated owlcms) talks through mqtt.js',
  'mqtt-packet': 'only downstream/mqtt-gateway/ knows the MQTT codec',
  ws: 'only downstream/transport/socket.ts knows ws',
  hono: 'only http/ knows Hono, and console/ its part for browsers',
  '@hono/node-server': 'only http/ knows Hono',
  envalid: 'only config/ reads the environment',
  pino: 'only support/logger.ts knows pino',
  'pino-pretty': 'for npm run dev, outside the program',
  'prom-client': 'only metrics/ knows the Prometheus client',
  aedes: 'the in-process broker is for demo/, trial/ and tests',
}

/** @param {string} folder @param {string[]} mayImport @param {(keyof typeof wires)[]} mayUse */
function layer(folder, mayImport, mayUse = [], extra = {}) {
  const forbidden = folders.filter((other) => other !== folder && !mayImport.includes(other))
  const patterns = [
    ...forbidden.map((other) => ({
      // protocol/ has a wing of each subject's name.
      group: [`**/${other}/**`, ...(other === 'protocol' ? [] : ['!**/protocol/**'])],
      message: `${folder}/ must not import ${other}/: arrows point main → commands → bridge → {upstream, downstream} → hub → protocol.`,
    })),
    {
      group: ['**/main.ts'],
      message: `${folder}/ is fed by main.ts, and knows nothing of it.`,
    },
    ...Object.entries(wires)
      .filter(([name]) => !mayUse.includes(/** @type {keyof typeof wires} */ (name)))
      .map(([name, message]) => ({ group: [name, `${name}/*`], message })),
    ...(extra.patterns ?? []),
  ]
  return {
    files: [`src/${folder}/**/*.{ts,tsx}`],
    rules: { 'no-restricted-imports': ['error', { patterns }] },
  }
}

const pure = {
  patterns: [
    { group: ['node:*'], message: 'protocol/ and texts/ are pure: no I/O, timers, clock or node: modules.' },
  ],
}

const outsideWorld = [
  { name: 'process', message: 'Only main.ts touches process; pass what you need.' },
  { name: 'setTimeout', message: 'Timers come from support/clock.ts, passed in.' },
  { name: 'setInterval', message: 'Timers come from support/clock.ts, passed in.' },
  { name: 'setImmediate', message: 'Timers come from support/clock.ts, passed in.' },
]

/** A moment that is known may be written with `new Date(moment)`. */
const readsTheClock = [
  'CallExpression[callee.object.name="Date"][callee.property.name="now"]',
  'NewExpression[callee.name="Date"][arguments.length=0]',
  'CallExpression[callee.name="Date"]',
].map((selector) => ({ selector, message: 'Time comes from support/clock.ts, passed in.' }))

/** Only to keep a line together. */
const spreadsLiteral = {
  selector: 'SpreadElement > ObjectExpression',
  message: 'Write the properties themselves.',
}

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'artifacts'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-console': 'error',
      // No enum is in this code: tsc forbids them (erasableSyntaxOnly).
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      // Our types are interfaces; where a class is named, a stand-in that fits is meant to do.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  {
    files: ['examples/**/*.mjs', 'scripts/**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { 'no-console': 'off' },
  },
  { files: ['*.js'], extends: [tseslint.configs.disableTypeChecked] },
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { house: { rules: { 'no-circles': noCircles } } },
    rules: {
      'no-restricted-globals': ['error', ...outsideWorld],
      'no-restricted-syntax': ['error', ...readsTheClock, spreadsLiteral],
      'house/no-circles': 'error',
    },
  },
  {
    files: ['src/support/clock.ts', 'src/main.ts'],
    rules: { 'no-restricted-globals': 'off', 'no-restricted-syntax': 'off', 'no-console': 'off' },
  },
  {
    files: ['src/console/**/*.{ts,tsx}'],
    plugins: { pages: { rules: { 'oldest-browsers': oldestBrowsers } } },
    rules: {
      'no-restricted-globals': 'off',
      'no-restricted-syntax': ['error', spreadsLiteral],
      'pages/oldest-browsers': 'error',
    },
  },
  { files: ['bench/**'], rules: { 'no-console': 'off' } },
  layer('protocol', [], [], pure),
  // What the pages say, in the reader's language; for the browser and for what the server draws.
  layer('texts', ['protocol'], [], pure),
  layer('support', [], ['pino']),
  layer('hub', ['protocol', 'support']),
  layer('access', ['protocol', 'hub', 'support']),
  layer('config', ['protocol', 'hub', 'support', 'texts'], ['envalid']),
  layer('upstream', ['protocol', 'hub', 'support'], ['mqtt']),
  // The doctor goes the link's own way, with its parts, and reads the same settings.
  layer('doctor', ['protocol', 'hub', 'support', 'config', 'upstream', 'texts']),
  layer('downstream', ['protocol', 'hub', 'support'], ['ws', 'mqtt-packet']),
  layer('journal', ['protocol', 'hub', 'support']),
  layer('http', ['protocol', 'support', 'texts'], ['hono', '@hono/node-server']),
  layer('metrics', ['protocol', 'support'], ['prom-client']),
  layer('console', ['protocol', 'texts'], ['hono']),
  layer('simulator', ['protocol', 'support'], ['mqtt']),
  // A device's trial: owlcms and its server played around one device.
  layer('trial', ['protocol', 'support', 'simulator'], ['aedes']),
  // The composition root puts the parts together, and nothing else does.
  layer(
    'bridge',
    folders.filter((folder) => !['console', 'simulator', 'demo', 'trial', 'commands'].includes(folder)),
  ),
  // Each command puts together what it runs; the process it gets from main.ts.
  layer(
    'commands',
    folders.filter((folder) => folder !== 'console'),
  ),
  {
    files: ['src/demo/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['**/main.ts', '**/commands/**'], message: 'demo/ is started by commands/' }] },
      ],
    },
  },
  {
    files: ['test/**/*.{ts,tsx}', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      'no-restricted-properties': [
        'error',
        {
          object: 'vi',
          property: 'waitFor',
          message: 'It gives a busy machine one second; use test/support/eventually.ts.',
        },
        {
          object: 'vi',
          property: 'mock',
          message: 'The files of a worker share their modules (vitest.config.ts).',
        },
      ],
    },
  },
)
