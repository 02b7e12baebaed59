/** What is wrong with a record: the field, by the standard's name for it, and what it must be. */
export class RecordFault extends Error {
  readonly field: string
  readonly reason: string

  constructor(field: string, reason: string) {
    super(`${field} ${reason}`)
    this.name = 'RecordFault'
    this.field = field
    this.reason = reason
  }
}
