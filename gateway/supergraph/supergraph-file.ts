import { readFile } from 'node:fs/promises'
import { unwatchFile, watchFile } from 'node:fs'
import { StartupError } from '../../platform/errors/startup-error.js'
import type { Logger } from '../../platform/log/logger.js'
import { createGeneration, type Generation, type GenerationOptions } from './generation.js'

export interface SupergraphFileOptions extends GenerationOptions {
  readonly file: string
  readonly logger: Logger
  /** How often the file is looked at: every second unless given. */
  readonly pollMs?: number
  /** Throws StartupError for a supergraph that must not be served: it is refused as one that is none. */
  readonly check: (generation: Generation) => void
}

/** A supergraph that follows its file. */
export interface SupergraphFile {
  readonly current: () => Generation
  /** Called with every later generation. Returns how to stop that. */
  onChange(listener: (generation: Generation) => void): () => void
  /** Of the generation in use no operation is planned any more. */
  close(): Promise<void>
}

const POLL_MS = 1_000 // by looking, not by notification: mounts of containers and config maps do not notify

/**
 * Reads the file and looks out for changes. A later file that is not a supergraph is logged and refused: the one in use
 * stays. Throws StartupError when there is nothing usable to begin with.
 */
export async function openSupergraphFile(options: SupergraphFileOptions): Promise<SupergraphFile> {
  const { file, logger } = options
  let current = await firstGeneration(options)
  const listeners = new Set<(generation: Generation) => void>()
  const reload = async (): Promise<void> => {
    try {
      const sdl = await readFile(file, 'utf8')
      if (sdl === current.sdl) return
      const next = createGeneration(current.number + 1, sdl, options)
      options.check(next)
      current = next
      logger.info(
        { generation: current.number, subgraphs: [...current.subgraphs.keys()] },
        'a new supergraph is in use',
      )
      for (const listener of listeners) listener(current)
    } catch (error) {
      logger.error(
        { err: error, generation: current.number },
        'the supergraph file is not usable: the one in use stays',
      )
    }
  }
  let reloading = Promise.resolve()
  const onStat = (): void => void (reloading = reloading.then(reload))
  watchFile(file, { interval: options.pollMs ?? POLL_MS, persistent: false }, onStat)
  return {
    current: () => current,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      unwatchFile(file, onStat)
      await current.plans.close()
    },
  }
}

async function firstGeneration(options: SupergraphFileOptions): Promise<Generation> {
  const sdl = await readFile(options.file, 'utf8').catch((cause: unknown) => {
    throw new StartupError(`The supergraph file ${options.file} can't be read: give the path of one.`, { cause })
  })
  try {
    const generation = createGeneration(1, sdl, options)
    options.check(generation)
    return generation
  } catch (cause) {
    if (cause instanceof StartupError) throw cause
    const reason = cause instanceof Error ? cause.message : 'unknown'
    throw new StartupError(`The file ${options.file} is not a usable supergraph: ${reason}`, { cause })
  }
}
