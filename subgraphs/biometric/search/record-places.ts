/**
 * Where records are, by their id, in four bytes or a little more each: millions of ids as strings would take more memory than
 * what is searched. Open addressing with linear probing (Knuth, TAOCP 6.4, algorithm L; deletion by algorithm R). Ids are
 * random, so that their first bytes are as good as any hash of them; they are read where they stand, in the rows.
 */
export interface RecordPlaces {
  readonly size: number
  readonly bytes: number
  /** -1 where the record is not there. */
  find(record: Uint8Array): number
  /** One that is not there; its id has to stand at the place. */
  add(record: Uint8Array, place: number): void
  /** While the id still stands at its place. Gives the place, or -1. */
  remove(record: Uint8Array): number
}

const EMPTY = -1
const SMALLEST = 64

export function createRecordPlaces(idAt: (place: number) => Uint8Array): RecordPlaces {
  let table = new Int32Array(SMALLEST).fill(EMPTY)
  let size = 0
  const home = (record: Uint8Array) => new DataView(record.buffer, record.byteOffset).getUint32(0) & (table.length - 1)
  const after = (at: number) => (at + 1) & (table.length - 1)
  const slotOf = (record: Uint8Array): number => {
    let at = home(record)
    for (let place = table[at] ?? EMPTY; place !== EMPTY; at = after(at), place = table[at] ?? EMPTY) {
      if (areEqual(idAt(place), record)) return at
    }
    return at
  }
  const put = (record: Uint8Array, place: number) => void (table[slotOf(record)] = place)
  const grow = () => {
    const old = table
    table = new Int32Array(2 * old.length).fill(EMPTY)
    for (const place of old) if (place !== EMPTY) put(idAt(place), place)
  }
  /** Moves back what the emptied slot kept from its home, until a slot is empty anyway. */
  const closeGap = (gap: number) => {
    let hole = gap
    for (let at = after(gap); (table[at] ?? EMPTY) !== EMPTY; at = after(at)) {
      const place = table[at] ?? EMPTY
      const reach = (at - home(idAt(place)) + table.length) & (table.length - 1)
      if (reach < ((at - hole + table.length) & (table.length - 1))) continue
      table[hole] = place
      hole = at
    }
    table[hole] = EMPTY
  }
  return {
    get size() {
      return size
    },
    get bytes() {
      return table.byteLength
    },
    find: (record) => table[slotOf(record)] ?? EMPTY,
    add(record, place) {
      if (4 * (size + 1) > 3 * table.length) grow()
      put(record, place)
      size += 1
    },
    remove(record) {
      const slot = slotOf(record)
      const place = table[slot] ?? EMPTY
      if (place === EMPTY) return EMPTY
      closeGap(slot)
      size -= 1
      return place
    },
  }
}

function areEqual(left: Uint8Array, right: Uint8Array): boolean {
  for (let at = 0; at < left.length; at += 1) if (left[at] !== right[at]) return false
  return true
}
