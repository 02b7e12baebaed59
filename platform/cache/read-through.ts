import type { z } from 'zod'
import type { Logger } from '../log/logger.js'
import { CacheUnavailableError, type Cache } from './cache.js'

/**
 * The cached value, or what `load` gives, which is then cached for `ttlMs`. The cache only ever saves work: while it is away,
 * or what it holds does not fit the schema (an older version wrote it), `load` answers. Throws what `load` throws, and
 * nothing else. The schema must read what JSON makes of a loaded value.
 */
export async function readThrough<T>(
  cache: Cache,
  key: string,
  ttlMs: number,
  schema: z.ZodType<T>,
  load: () => Promise<T>,
  logger: Logger,
): Promise<T> {
  const text = await orNull(() => cache.get(key), key, logger)
  const found = text === null ? undefined : parse(schema, text)
  if (found !== undefined) return found.value
  const value = await load()
  const encoded = JSON.stringify(value)
  if (encoded !== undefined) await orNull(() => cache.set(key, encoded, ttlMs), key, logger)
  return value
}

function parse<T>(schema: z.ZodType<T>, text: string): { readonly value: T } | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(text))
    return parsed.success ? { value: parsed.data } : undefined
  } catch {
    return undefined
  }
}

async function orNull<T>(work: () => Promise<T>, key: string, logger: Logger): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof CacheUnavailableError)) throw error
    logger.debug({ err: error, kind: key.split(':', 1)[0] }, 'going on without the cache')
    return null
  }
}
