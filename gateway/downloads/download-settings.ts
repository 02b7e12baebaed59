import { z } from 'zod'

/** Which addresses lead through the gateway to files of subgraphs, and within which bounds. */
export interface DownloadSettings {
  /** The name of a subgraph by the beginning of a path. */
  readonly byPrefix: ReadonlyMap<string, string>
  readonly maxBytes: number
  /** How long nothing may come from the subgraph, or be taken by the client. */
  readonly idleMs: number
  /** How long one may take in all. */
  readonly maxMs: number
  /** How many may be under way. */
  readonly maxOpen: number
}

const PREFIX = /^\/[a-z0-9-]{1,60}\/$/
/** Where the gateway answers itself. */
const OWN = ['/graphql/', '/explorer/', '/health/', '/ready/']

const prefix = z
  .string()
  .regex(PREFIX, 'must be one segment of small letters, digits and dashes, as in /files/')
  .refine((path) => !OWN.includes(path), 'is an address of the gateway itself')

const bound = (value: number, meaning: string) => z.number().int().positive().default(value).describe(meaning)

/** The section `downloads` of the configuration file. */
export const downloadSection = z.strictObject({
  byPrefix: z
    .record(prefix, z.string().min(1))
    .default({})
    .describe(
      'The subgraph whose files are under a path: {"/files/": "media"} has GET /files/a of the gateway answered by /files/a of that subgraph. Also GATEWAY_DOWNLOADS.',
    ),
  maxBytes: bound(2 * 1024 ** 3, 'How large a file may be.'),
  idleMs: bound(30_000, 'How long nothing may come from the subgraph, or be taken by the client.'),
  maxMs: bound(3_600_000, 'How long a download may take in all.'),
  maxOpen: bound(100, 'How many downloads may be under way; others are refused with RATE_LIMIT_EXCEEDED.'),
})

/** `/files/=media` pairs, separated by commas: the variable's form of `byPrefix`. */
export const downloadPairs = z
  .string()
  .transform((text) =>
    Object.fromEntries(
      text
        .split(',')
        .map((pair) => pair.trim())
        .filter((pair) => pair !== '')
        .map((pair) => [pair.split('=', 1)[0] ?? '', pair.split('=').slice(1).join('=')]),
    ),
  )
  .pipe(z.record(prefix, z.string().min(1, 'must be prefix=subgraph pairs, separated by commas')))
