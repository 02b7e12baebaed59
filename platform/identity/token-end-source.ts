import { z } from 'zod'
import { isSubject } from '../bus/subjects.js'

/** Where the bus tells that tokens end before their time, and which tokens those are. */
export interface TokenEndSource {
  /** Every event on it ends tokens. */
  readonly subject: string
  /** Of the event's payload: it names whose tokens end. */
  readonly field: string
  /**
   * Of an access token: where it has the field's value, the token has ended. `kid` is the key in its header. `sub` names
   * somebody who may sign in again, so it ends only tokens issued until the event; any other claim ends all of its tokens.
   */
  readonly claim: string
}

const subject = z.string().refine(isSubject, 'must be a subject of the bus, without wildcards: events.session.ended')
const name = z.string().regex(/^[^\s=,]+$/, 'must be a name, without blanks')

/** A source as a configuration file says it. */
export const tokenEndSource = z.strictObject({
  subject: subject.describe('Where the bus tells of them.'),
  field: name.describe('The field of such an event that names whose tokens end.'),
  claim: name.describe('The claim of an access token that is compared with it; kid is the key in its header.'),
})

const FORM = 'must be a subject, a field and a claim, several separated by commas: events.session.ended sessionId=sid'

/** TOKEN_ENDS: sources separated by commas, each `subject field=claim`. */
export const tokenEndSources = z
  .string(`is not set: where the bus tells that tokens end; ${FORM}`)
  .transform((text, context): readonly TokenEndSource[] => {
    const sources = text.split(',').flatMap((part) => {
      const [, place, field, claim] = /^\s*(\S+) ([^\s=]+)=(\S+)\s*$/.exec(part) ?? []
      const read = tokenEndSource.safeParse({ subject: place, field, claim })
      return read.success ? [read.data] : []
    })
    if (sources.length === text.split(',').length) return sources
    context.issues.push({ code: 'custom', input: text, message: FORM })
    return z.NEVER
  })

/** Sources in the form of TOKEN_ENDS. */
export function tokenEndsText(sources: readonly TokenEndSource[]): string {
  return sources.map(({ subject: place, field, claim }) => `${place} ${field}=${claim}`).join()
}
