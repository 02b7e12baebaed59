import type { AnswerInParts } from './execute-in-parts.js'
import type { FirstAnswer, LaterAnswer, PartAnswer, PendingPart } from './answer-in-parts.js'
import type { GatewayError, ResponsePath } from '../gateway-error.js'
import type { DataObject } from '../data-object.js'
import { releaseOnReturn } from './release-on-return.js'

/**
 * The forms clients know, by the names they ask for them: `20220824` (graphql-js 17 alpha 2, of most clients), where a part
 * says its path, and `v0.2` (alpha 9), where places are announced and numbered.
 */
export type IncrementalSpec = '20220824' | 'v0.2'

/** An answer in one of the forms. Returning `subsequentResults` cancels what is still being fetched. */
export type IncrementalResult =
  | {
      readonly spec: '20220824'
      readonly initialResult: WholeResult
      readonly subsequentResults: AsyncGenerator<PathedResult, void, void>
    }
  | {
      readonly spec: 'v0.2'
      readonly initialResult: AnnouncingResult
      readonly subsequentResults: AsyncGenerator<NumberedResult, void, void>
    }

/** Put into JSON they are as clients see them. */
type Errors = readonly GatewayError[]

export interface WholeResult {
  readonly errors?: Errors
  readonly data: DataObject | null
  readonly hasNext: boolean
  readonly extensions?: Readonly<DataObject>
}

export interface PathedResult {
  readonly incremental: readonly {
    readonly data: DataObject | null
    readonly path: ResponsePath
    readonly label?: string
    readonly errors?: Errors
  }[]
  readonly hasNext: boolean
}

interface Announcement {
  readonly id: string
  readonly path: ResponsePath
  readonly label?: string
}

export interface AnnouncingResult extends WholeResult {
  readonly pending: readonly Announcement[]
}

export interface NumberedResult {
  readonly pending?: readonly Announcement[]
  readonly incremental?: readonly { readonly id: string; readonly data: DataObject; readonly errors?: Errors }[]
  readonly completed: readonly { readonly id: string; readonly errors?: Errors }[]
  readonly hasNext: boolean
}

/** `extensions` are of the whole answer, and come with its first part; null for none. */
export function toIncrementalResult(
  { first, later }: AnswerInParts,
  spec: IncrementalSpec,
  extensions: Readonly<DataObject> | null,
): IncrementalResult {
  const told = { ...whole(first), ...(extensions !== null && { extensions }) }
  if (spec === '20220824') {
    return { spec, initialResult: told, subsequentResults: mapped(later, pathed) }
  }
  const initialResult = { ...told, pending: first.pending.map(announcement) }
  return { spec, initialResult, subsequentResults: mapped(later, numbered) }
}

function whole({ data, errors, pending }: FirstAnswer): WholeResult {
  return { ...errorsOf(errors), data, hasNext: pending.length > 0 }
}

function pathed({ parts, hasNext }: LaterAnswer): PathedResult {
  return {
    incremental: parts.map(({ data, path, label, errors }) => ({
      data,
      path,
      ...(label !== undefined && { label }),
      ...errorsOf(errors),
    })),
    hasNext,
  }
}

/** A part without data is told by its completion alone. */
function numbered({ parts, pending, hasNext }: LaterAnswer): NumberedResult {
  const incremental = parts.flatMap(({ id, data, errors }) =>
    data === null ? [] : [{ id, data, ...errorsOf(errors) }],
  )
  return {
    ...(pending.length > 0 && { pending: pending.map(announcement) }),
    ...(incremental.length > 0 && { incremental }),
    completed: parts.map(completion),
    hasNext,
  }
}

function completion({ id, data, errors }: PartAnswer): { id: string; errors?: Errors } {
  return { id, ...(data === null && errorsOf(errors)) }
}

function announcement({ id, path, label }: PendingPart): Announcement {
  return { id, path, ...(label !== undefined && { label }) }
}

function errorsOf(errors: readonly GatewayError[]): { errors?: Errors } {
  return errors.length === 0 ? {} : { errors }
}

/** Returning it returns the source, also while that is waited for. */
function mapped<From, To>(
  source: AsyncGenerator<From, void, void>,
  map: (item: From) => To,
): AsyncGenerator<To, void, void> {
  async function* items(): AsyncGenerator<To, void, void> {
    for await (const item of source) yield map(item)
  }
  return releaseOnReturn(items(), async () => void (await source.return()))
}
