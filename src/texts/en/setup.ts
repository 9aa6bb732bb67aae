import type { Advice } from '../../protocol/link/advice.ts'

const onlyTheName = 'Set it to the broker’s name only, such as abc123.s1.eu.hivemq.cloud.'
const copyIt = 'Copy it from owlcms’s settings, or from the broker’s page.'

/** The setup page, and what may be wrong with a setting; English, which the other languages are held to. */
export const setup = {
  title: 'Setup needed',
  headline: (count: number) =>
    count === 1 ? 'Setup: 1 setting to correct' : `Setup: ${count} settings to correct`,
  intro:
    'The bridge runs, but cannot start its work yet. Correct what is listed here; the bridge then restarts, and this page turns into the status page by itself.',
  noticed: 'Also noticed',
  replace: 'Put your own value after each equals sign. This page never shows the values that you have set.',
  problem: { missing: 'missing', wrong: 'wrong' },
  places: { fly: 'On Fly.io', heroku: 'On Heroku', other: 'Anywhere else' },
  steps: {
    fly: 'In a terminal, in the folder with fly.toml:',
    heroku: 'In a terminal, in the folder of the app:',
    other: 'As environment variables, for example in the file .env; then restart the bridge:',
  },
  anywhere: 'In a terminal, in any folder:',
  byMouse: 'Or without a terminal, in the dashboard',
  dashboard: {
    fly: (app?: string) => [
      `Open https://fly.io/apps/${app ?? '…'}/secrets and sign in.`,
      'Add a secret for each line: the word before the equals sign is its name, your own value its value.',
      'Deploy the secrets, on the same page. The bridge restarts by itself.',
    ],
    heroku: (app?: string) => [
      `Open https://dashboard.heroku.com/apps/${app ?? '…'}/settings and sign in.`,
      'Choose “Reveal Config Vars”.',
      'Add each line: the word before the equals sign goes into KEY, your own value into VALUE. The bridge restarts by itself.',
    ],
  },
  copy: 'Copy',
  copied: 'Copied',
  swapped: {
    question: 'Are user name and password swapped?',
    answer:
      'The user name is the one you made up for the broker’s user; the broker’s page shows it (HiveMQ Cloud: Access Management). No page shows the password. If the value in OWLCMS_MQTTUSERNAME is not on that list, set both again. owlcms needs the same two.',
  },
  typed: 'Or, so that no password stays in the terminal’s history: type these lines, then Ctrl-D',
  faults: {
    noServer: {
      what: 'It is not set.',
      why: 'It is the address of the MQTT broker, the same as in owlcms. Without it the bridge cannot reach the broker.',
      nextStep: copyIt,
    },
    noUserName: {
      what: 'It is not set.',
      why: 'It is the user name at the broker, the same as in owlcms. Without it the bridge cannot reach the broker.',
      nextStep: copyIt,
    },
    noPassword: {
      what: 'It is not set.',
      why: 'It is the password at the broker, the same as in owlcms. Without it the bridge cannot reach the broker.',
      nextStep: copyIt,
    },
    credentials: {
      what: 'It contains an "@": a user name or a password seems to be inside the address.',
      why: 'They have settings of their own, so that they stay secret.',
      nextStep: 'Leave only the address here; use OWLCMS_MQTTUSERNAME and OWLCMS_MQTTPASSWORD for the rest.',
    },
    swapped: {
      what: 'It is a port number, and OWLCMS_MQTTPORT is not: the two seem to be swapped.',
      why: 'OWLCMS_MQTTSERVER takes the broker’s address, OWLCMS_MQTTPORT its port.',
      nextStep: 'Swap the two values.',
    },
    consolePage: {
      what: 'It is the web page where you manage brokers, not a broker.',
      why: 'The broker itself has an address of its own.',
      nextStep:
        'Open that page, choose your cluster, and copy its "URL": it looks like abc123.s1.eu.hivemq.cloud.',
    },
    webPage: {
      what: 'It is the address of a web page (http or https).',
      why: 'A broker speaks MQTT, not HTTP.',
      nextStep: `${onlyTheName} For MQTT over WebSocket write wss:// in place of https://.`,
    },
    scheme: {
      what: 'It starts with something unknown before "://".',
      why: 'The bridge knows mqtts, ssl, tls, mqtt, tcp, wss and ws.',
      nextStep: onlyTheName,
    },
    host: {
      what: 'It is not the address of a computer.',
      why: 'An address holds letters, digits, dots and hyphens, without spaces.',
      nextStep: onlyTheName,
    },
    portInServer: {
      what: 'The port after the ":" is not a port number.',
      why: 'Ports are whole numbers from 1 to 65535.',
      nextStep: `${onlyTheName} The port goes into OWLCMS_MQTTPORT.`,
    },
    brokerPort: {
      what: 'It is not a port number.',
      why: 'Ports are whole numbers from 1 to 65535, without leading zeros.',
      nextStep: 'Set it to 8883, or to the port on the broker’s page.',
    },
    portConflict: {
      what: 'OWLCMS_MQTTSERVER and OWLCMS_MQTTPORT name different ports.',
      why: 'The bridge cannot know which of the two is meant.',
      nextStep:
        'Take the port out of OWLCMS_MQTTSERVER, and check OWLCMS_MQTTPORT against the broker’s page.',
    },
    path: {
      what: 'There is something after the address that does not belong there.',
      why: 'Only a wss:// address may have a path, such as /mqtt, and none has "?" or "#".',
      nextStep: onlyTheName,
    },
    userNameIsAddress: {
      what: 'It looks like the address of a broker: some of the four values seem to be swapped.',
      why: 'The user name is one that you made up for the broker’s user.',
      nextStep:
        'Check all four: OWLCMS_MQTTSERVER takes the broker’s address, OWLCMS_MQTTUSERNAME the user’s name.',
    },
    noVenueUserName: {
      what: 'It is not set, but BRIDGE_VENUE_PASSWORD is.',
      why: 'MQTT knows no password without a user name.',
      nextStep: 'Set BRIDGE_VENUE_USERNAME too, or remove BRIDGE_VENUE_PASSWORD to let any device in.',
    },
    ownOnHeroku: {
      what: 'Heroku lets nothing in but HTTPS, so owlcms cannot connect to a bridge there.',
      why: 'owlcms speaks plain MQTT, for which Heroku has no port.',
      nextStep:
        'Remove BRIDGE_BROKER and use a broker in the cloud, or run the bridge on Fly.io or in the hall.',
    },
    ownPortTaken: {
      what: 'It is the port of another listener of this bridge.',
      why: 'Two listeners cannot share one port.',
      nextStep: 'Set BRIDGE_BROKER_PORT to another port, usually 1883; in the hall, leave it out.',
    },
    venueOnHeroku: {
      what: 'Heroku lets nothing in but HTTPS, so plain MQTT cannot be offered here.',
      why: 'The listener for plain MQTT belongs in the hall, on a laptop or a Raspberry Pi.',
      nextStep: 'Remove BRIDGE_VENUE_PORT here, and run "owlcms-bridge venue" in the hall.',
    },
    venuePortTaken: {
      what: 'It is the port of the web server.',
      why: 'Two listeners cannot share one port.',
      nextStep: 'Set BRIDGE_VENUE_PORT to another port, usually 1883.',
    },
    metricsOnHeroku: {
      what: 'Heroku lets nothing in but HTTPS at its own port, so nobody could reach it.',
      why: 'A second port is for hosts with a private network, such as Fly.io.',
      nextStep:
        'Remove BRIDGE_METRICS_PORT, and set BRIDGE_METRICS_TOKEN to read /metrics at the app’s address.',
    },
    metricsPortTaken: {
      what: 'Another listener of the bridge has this port.',
      why: 'Two listeners cannot share one port.',
      nextStep: 'Set BRIDGE_METRICS_PORT to another port, usually 9091.',
    },
    range: (least: number, most: number): Advice => ({
      what: 'It is not a number the bridge can use.',
      why: `It must be a whole number from ${least} to ${most}.`,
      nextStep: `Set it to a whole number from ${least} to ${most}.`,
    }),
    port: {
      what: 'It is not a port number.',
      why: 'Ports are whole numbers up to 65535.',
      nextStep: 'Set it to a port number.',
    },
    word: (words: string): Advice => ({
      what: 'It is not one of the allowed words.',
      why: `Allowed are: ${words}.`,
      nextStep: 'Set it to one of these words.',
    }),
    yesOrNo: {
      what: 'It is neither true nor false.',
      why: 'It switches something on or off.',
      nextStep: 'Set it to true or false.',
    },
    name: {
      what: 'It is not a name the bridge can use.',
      why: 'It becomes part of a topic: at most 40 of the characters a-z, 0-9 and "-".',
      nextStep: 'Choose a short name such as "north-hall".',
    },
    listenAddress: {
      what: 'It is not an address to listen on.',
      why: 'It must be an IP address of this computer.',
      nextStep: 'Leave it out, or set it to 0.0.0.0 (all IPv4) or :: (all addresses).',
    },
    shortSecret: {
      what: 'It is too short.',
      why: 'Somebody could guess it.',
      nextStep: 'Use at least 16 random characters, or leave it out.',
    },
    proxyAddress: {
      what: 'Part of it is not an address.',
      why: 'Only a proxy of your own may say where a client comes from, and it is known by its address.',
      nextStep:
        'Set it to loopback (a proxy on this computer), or to addresses such as 10.0.0.5 or 10.0.0.0/24, with commas between.',
    },
    proxyTooWide: {
      what: 'It trusts far too many addresses.',
      why: 'Anybody among them could pass for another client.',
      nextStep: 'Name only the proxies themselves.',
    },
    webAddress: {
      what: 'It is not the address of a web site.',
      why: 'The links for officials begin with it.',
      nextStep: 'Write it like https://bridge.example.org, with nothing after the name.',
    },
    certificate: {
      what: 'It holds no readable certificate.',
      why: 'A certificate in PEM form starts with "-----BEGIN CERTIFICATE-----".',
      nextStep: 'Paste the CA certificate’s PEM text, or give the path of a PEM file.',
    },
    certificateFile: (code: string): Advice => ({
      what: 'The file it names cannot be read.',
      why: `The computer says: ${code}.`,
      nextStep: 'Check the path and the file’s permissions, or paste the PEM text itself.',
    }),
    certificateFileOdd: {
      what: 'The file it names cannot be read.',
      why: 'It is no ordinary file, or far too large for a certificate.',
      nextStep: 'Check the path and the file’s permissions, or paste the PEM text itself.',
    },
  },
  warnings: {
    spaces: 'The spaces or line ends around the value were left out; they are not part of it.',
    quotes: 'The quotes around the value were left out; they are not part of it.',
    unseen: 'It holds an invisible character, such as a special space. Type it by hand.',
    curly: 'It holds curly quotes; some editors put them in place of straight ones.',
    halfQuoted: 'It begins with a quote that has no end: a "#" or a space in it may have cut it.',
    fileLine: (line: number) => `Line ${line} of the file is not NAME=value, and is ignored.`,
    twiceInFile: 'It is in the file twice; the last one counts.',
    behindQuote: 'What follows the closing quote was taken for a comment.',
    behindHash: 'What follows the " #" was taken for a comment.',
    wordProcessor: 'The file is a word processor’s document. Save it as plain text.',
    notUtf8: 'The file is not saved as UTF-8: if a value has letters such as é or ü, save it anew as UTF-8.',
    noTextFile: 'It is not a text file.',
    fileUnreadable: (code: string) => `The file cannot be read (${code}).`,
    fileIsTxt:
      'There is no such file, but there is one with .txt at the end, which Windows adds: rename it, or give that name.',
    cutByNode: (taken: number, written: number) =>
      `Node’s own reader of such files took ${taken} of its ${written} characters: a "#", quotes or the file’s encoding stopped it. Write --settings FILE behind the command in place of --env-file.`,
    unknownName: 'The bridge knows no setting of this name and ignores it.',
    unknownNameLike: (name: string) =>
      `The bridge knows no setting of this name and ignores it. Did you mean ${name}?`,
    capitals: (name: string) => `Capital letters matter here, so it is ignored. Did you mean ${name}?`,
    readByAll: (name: string) =>
      `Everybody on this computer can read it in the list of running programs. Set ${name} in its place.`,
    plainOnTlsPort:
      'It asks for a connection without encryption, although ports that start with 8 have TLS. Leave out mqtt:// or tcp:// for TLS.',
    plainOnCloud: 'This broker in the cloud takes encrypted connections only. Set OWLCMS_MQTTPORT to 8883.',
    defaultPortWithWebSocket: '8883 is not used, because OWLCMS_MQTTSERVER starts with wss:// or ws://.',
    hiveMqWebSocket: '8884 is HiveMQ Cloud’s port for MQTT over WebSocket, and is used as such.',
    hostWithoutDot: 'It has no dot: right only for a computer in your own network.',
    passwordIsAddress: 'It looks like the address of a broker: some of the four values may be swapped.',
    ownTlsPort:
      'owlcms asks for TLS on a port that starts with 8, and this bridge takes it without TLS on 1883. Set 1883 here and at owlcms, unless something in front ends TLS.',
    ownServerNotUsed:
      'It is not used: with BRIDGE_BROKER=own, owlcms connects to this bridge. Remove one of the two.',
    noAdministrator: 'It is not set, so nobody can open the console and hand out codes for phones.',
    samePassword: 'It is the same as OWLCMS_MQTTUSERNAME: one of the two may have been pasted twice.',
    proxyNotUsed: 'It is not used on Fly.io and Heroku: their own proxy says where a client comes from.',
    stopDelay: (seconds: number) =>
      `Heroku ends a program 30 s after it asked it to stop, so ${seconds} s are used.`,
  },
}

export type SetupWords = typeof setup
