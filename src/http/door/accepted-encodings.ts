/** The encodings that a request names and does not refuse by `q=0` (RFC 9110, 12.5.3). */
export function acceptedEncodings(header = ''): ReadonlySet<string> {
  return new Set(
    header
      .toLowerCase()
      .split(',')
      .map((part) => part.split(';').map((one) => one.trim()))
      .filter(([, quality = 'q=1']) => !/^q=0(?:\.0*)?$/.test(quality))
      .map(([name = '']) => name),
  )
}
