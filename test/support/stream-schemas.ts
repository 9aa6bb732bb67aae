import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { parse } from 'yaml'

/** Says what docs/asyncapi.yaml finds wrong with a message of the stream; undefined when it fits. */
export type CheckMessage = (message: { readonly type: string }) => string | undefined

/** Reads the published schemas, those that a stranger writes a client from. */
export function publishedSchemas(): { readonly types: readonly string[]; readonly check: CheckMessage } {
  const text = readFileSync(new URL('../../docs/asyncapi.yaml', import.meta.url), 'utf8')
  const document = parse(text) as {
    readonly components: { readonly messages: object; readonly schemas: object }
  }
  const ajv = new Ajv({ strict: false, allErrors: true })
  ajv.addSchema(document, 'stream')
  const types = Object.keys(document.components.messages)
  return {
    types,
    check: (message) => {
      const validate = ajv.getSchema(`stream#/components/schemas/${message.type}`)
      if (validate === undefined) return `no schema for ${message.type}`
      return validate(message) === true
        ? undefined
        : `${JSON.stringify(message)}: ${ajv.errorsText(validate.errors)}`
    },
  }
}
