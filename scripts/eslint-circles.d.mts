/** The shortest way from a file back to itself, the file at both ends; undefined: there is none. */
export function circleOf(
  start: string,
  next: (file: string) => readonly string[],
): readonly string[] | undefined
