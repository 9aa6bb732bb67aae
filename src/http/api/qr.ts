import { renderSVG } from 'uqr'

/**
 * A QR code of the text as a whole SVG document, for print: quiet zone of four modules as the standard asks, medium
 * error correction, so that a thumb print or a fold does no harm.
 */
export function qrSvg(text: string): string {
  return renderSVG(text, { ecc: 'M', border: 4 })
}
