/** Why nothing can be passed on now, for a program's reader. */
export function offlineText(why: 'noOwlcms' | undefined): string {
  const cause = why === undefined ? 'no link to the broker' : 'owlcms is not connected to this bridge'
  return `${cause}: not passed on, nothing is kept`
}
