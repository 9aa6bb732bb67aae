const svgNamespace = 'http://www.w3.org/2000/svg'

/** All that a QR code is drawn with; anything else is left out, so that no script or style can come along. */
const allowed: ReadonlyMap<string, readonly string[]> = new Map([
  ['svg', ['viewBox', 'shape-rendering']],
  ['g', ['transform', 'fill', 'stroke']],
  ['rect', ['x', 'y', 'width', 'height', 'fill']],
  ['path', ['d', 'fill', 'stroke', 'stroke-width', 'transform', 'shape-rendering']],
])

/**
 * The QR code of a link as elements of this document, rebuilt from the bridge's SVG text. Undefined when the text is
 * no SVG.
 */
export function qrElement(svgText: string): Element | undefined {
  const { documentElement: root } = new DOMParser().parseFromString(svgText, 'image/svg+xml')
  if (root.nodeName !== 'svg') return undefined
  const drawn = rebuild(root)
  if (drawn === undefined) return undefined
  if (!drawn.hasAttribute('viewBox')) {
    const [width, height] = ['width', 'height'].map((name) =>
      Number.parseFloat(root.getAttribute(name) ?? ''),
    )
    if (width !== undefined && height !== undefined && width > 0 && height > 0) {
      drawn.setAttribute('viewBox', `0 0 ${width} ${height}`)
    }
  }
  return drawn
}

function rebuild(from: Element): Element | undefined {
  const attributes = allowed.get(from.localName)
  if (attributes === undefined) return undefined
  const made = document.createElementNS(svgNamespace, from.localName)
  for (const name of attributes) {
    const value = from.getAttribute(name)
    if (value !== null) made.setAttribute(name, value)
  }
  for (const child of from.children) {
    const drawn = rebuild(child)
    if (drawn !== undefined) made.append(drawn)
  }
  return made
}
