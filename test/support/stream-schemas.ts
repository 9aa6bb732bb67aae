import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { parse } from 'yaml'

/** Reads the published schemas, those that a stranger writes a client from. */
export function publishedSchemas() {
  const text = readFileSync(new URL('../../docs/asyncapi.yaml', import.meta.url), 'utf8')
  const document = parse(text) as {
    readonly components: { readonly messages: object; readonly schemas: object }
  }
  const ajv = new Ajv({ strict: false, allErrors: true })
  ajv.addSchema(document, 'stream')
  const types = Object.keys(document.components.messages)
  return {
    types,
    /** What docs/asyncapi.yaml finds wrong with a message of the stream; undefined when it fits. */
    check: (message: { readonly type: string }) => {
      const validate = ajv.getSchema(`stream#/components/schemas/${message.type}`)
      if (validate === undefined) return `no schema for ${message.type}`
      return validate(message) === true
        ? undefined
        : `${JSON.stringify(message)}: ${ajv.errorsText(validate.errors)}`
    },
  }
}
