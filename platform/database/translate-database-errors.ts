/**
 * What a failing database looks like to a service. In: whatever Prisma or node-postgres threw. Out: AppError
 * INT_DATABASE_ERROR for a server that is away, overloaded or too slow, with the fault as its cause and neither SQL nor
 * an address in its message; and RES_ALREADY_DELETED for a row about somebody who was erased. It leaves everything else as it is: a broken constraint means something only to the caller.
 */
import { Prisma } from '@prisma/client/extension'
import { z } from 'zod'
import { AppError } from '../errors/app-error.js'

/**
 * Extends a client: `new PrismaClient(...).$extends(translateDatabaseErrors)`. Covers every query, raw ones too, inside
 * and outside of transactions, and the beginning and the end of a transaction.
 */
export const translateDatabaseErrors = Prisma.defineExtension((client) => {
  const queries = client.$extends({
    name: 'translate-database-errors',
    query: {
      $allOperations: ({ args, query }) => translating(() => query(args)),
    },
  })
  // no query hook sees BEGIN and COMMIT; what the callback throws passes through here as well, untouched when translated
  const begin = queries.$transaction.bind(queries)
  const transactions: typeof queries = queries.$extends({
    client: { $transaction: (...given: Parameters<typeof begin>) => translating(() => begin(...given)) },
  })
  return transactions
})

async function translating<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw translateDatabaseError(error)
  }
}

/** The AppError for a fault of the server or the way to it; any other error as it came. For code that uses the pool itself. */
export function translateDatabaseError(error: unknown): unknown {
  if (isRefusedAsErased(error)) return new AppError('RES_ALREADY_DELETED', { message: GONE, cause: error })
  return isServerFault(error) ? new AppError('INT_DATABASE_ERROR', { cause: error }) : error
}

/** Prisma: not reachable, timed out, closed, pool or transaction time-out, too many connections. */
const prismaCodes = /^P(1000|1001|1002|1008|1010|1011|1017|2024|2028|2037)$/

/** SQLSTATE classes 08 (connection), 53 (resources), 57 (operator intervention: shutdown, time-out), 58 (system), and lock and idle time-outs. */
const serverStates = /^(08...|53...|57...|58...|55P03|25P0[34])$/

const socketCodes = /^(ECONN|EPIPE|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)/

const adapterKinds: ReadonlySet<string> = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TlsConnectionError',
  'TooManyConnections',
  'AuthenticationFailed',
  'DatabaseAccessDenied',
])

/** node-postgres gives these neither a class nor a code. */
const driverMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/

const adapterCause = z.object({
  kind: z.string(),
  originalCode: z.string().optional(),
  table: z.string().optional(),
  constraint: z.object({ index: z.string().optional(), fields: z.array(z.string()).optional() }).optional(),
})

/** Read by shape: the client, its adapter and the driver throw classes of their own, or none. */
const faultShape = z.object({
  name: z.string().catch(''),
  message: z.string().catch(''),
  code: z.string().optional().catch(undefined),
  meta: z
    .object({ driverAdapterError: z.object({ cause: adapterCause }).optional() })
    .optional()
    .catch(undefined),
  cause: adapterCause.optional().catch(undefined),
})

/** A row about somebody who was erased, refused by a trigger (`refuse_erased_person`). */
function isRefusedAsErased(error: unknown): boolean {
  if (error instanceof AppError) return false
  const { code, cause } = readFault(error)
  return (cause?.originalCode ?? code) === ERASED
}

const ERASED = 'ZP001'
const GONE = 'The person this is about was erased: nothing about them can be stored any more.'

function isServerFault(error: unknown): boolean {
  if (error instanceof AppError) return false
  const { name, message, code = '', cause } = readFault(error)
  if (driverMessages.test(message) || name === 'PrismaClientInitializationError') return true
  const state = cause?.originalCode ?? code
  return (
    prismaCodes.test(code) || serverStates.test(state) || socketCodes.test(state) || adapterKinds.has(cause?.kind ?? '')
  )
}

function readFault(error: unknown) {
  const { meta, cause, ...fault } = faultShape.safeParse(error).data ?? { name: '', message: '' }
  return { ...fault, cause: meta?.driverAdapterError?.cause ?? cause }
}

/**
 * Whether a write met a row that is already there. With `columns`, only when it was the index over exactly these columns
 * (in the index's order, by their names in the database), or the index of that name.
 */
export function isUniqueViolation(error: unknown, columns?: readonly string[] | string): boolean {
  const { code, cause } = readFault(error)
  if (code !== 'P2002' && cause?.kind !== 'UniqueConstraintViolation') return false
  if (columns === undefined) return true
  const { index, fields } = cause?.constraint ?? {}
  if (typeof columns === 'string') return index === columns
  if (fields !== undefined) return fields.join() === columns.join()
  return index === `${cause?.table}_${columns.join('_')}_key` // as Prisma names a unique index
}
