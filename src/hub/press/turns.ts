/** Whose turn it is: who stands alone is asked as often as a whole group, and within it one as often as another. */
export interface Share {
  readonly group: string
  readonly member: string
}

/** Those who wait, in fair turns; what one member brought stays in its order. */
export class Turns<T> {
  /** Next comes the first one, of the first group; who had a turn goes behind the others. */
  readonly #groups = new Map<string, Map<string, T[]>>()

  get empty(): boolean {
    return this.#groups.size === 0
  }

  /** How many of this member wait. */
  waiting({ group, member }: Share): number {
    return this.#groups.get(group)?.get(member)?.length ?? 0
  }

  add({ group, member }: Share, item: T): void {
    const members = this.#groups.get(group) ?? new Map<string, T[]>()
    this.#groups.set(group, members)
    const line = members.get(member)
    if (line === undefined) members.set(member, [item])
    else line.push(item)
  }

  /** Takes out the one whose turn it is. */
  next(): T | undefined {
    for (const [group, members] of this.#groups) {
      this.#groups.delete(group)
      for (const [member, line] of members) {
        const item = line.shift()
        members.delete(member)
        if (line.length > 0) members.set(member, line)
        if (members.size > 0) this.#groups.set(group, members)
        return item
      }
    }
    return undefined
  }

  /** Takes out all that are no longer to wait, from the front of each line. */
  remove(isOver: (item: T) => boolean): readonly T[] {
    const removed: T[] = []
    for (const [group, members] of this.#groups) {
      for (const [member, line] of members) {
        const kept = line.findIndex((item) => !isOver(item))
        removed.push(...line.splice(0, kept === -1 ? line.length : kept))
        if (line.length === 0) members.delete(member)
      }
      if (members.size === 0) this.#groups.delete(group)
    }
    return removed
  }
}
