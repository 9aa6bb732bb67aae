/**
 * `Array.prototype.at` where a browser lacks it (Safari before 15.4): hono/jsx/dom calls it all over. Imported first by every page
 * that draws with it.
 */
if (!('at' in Array.prototype)) {
  Object.defineProperty(Array.prototype, 'at', {
    configurable: true,
    writable: true,
    value(this: readonly unknown[], index: number): unknown {
      return this[index < 0 ? this.length + index : index]
    },
  })
}
