/**
 * A ZIP made while it is read. In: files of text, one after the other, each a little at a time. Out: the archive's bytes. It
 * holds no more than what is being compressed; the whole must stay below 4 GiB, the format's own bound without ZIP64.
 */
import { createDeflateRaw } from 'node:zlib'
import { Zip, ZipPassThrough } from 'fflate'

export interface TextFile {
  readonly name: string
  /** To be read before the next file is asked for. */
  readonly text: AsyncIterable<string>
}

const COMPRESSED_AT_ONCE = 64 * 1024 // characters
const DEFLATE = 8 // the method's number in a ZIP

/** Throws what reading the files throws. */
export async function* zipFiles(files: AsyncIterable<TextFile>): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = []
  const zip = new Zip((error, bytes) => {
    if (error !== null) throw error
    ready.push(bytes)
  })
  const take = () => {
    const taken = ready
    ready = []
    return taken
  }
  for await (const { name, text } of files) {
    const file = new DeflatedFile(name)
    zip.add(file)
    let waiting = ''
    for await (const piece of text) {
      waiting += piece
      if (waiting.length < COMPRESSED_AT_ONCE) continue
      await file.write(waiting, false)
      waiting = ''
      yield* take()
    }
    await file.write(waiting, true)
    yield* take()
  }
  zip.end()
  yield* take()
}

/** Compressed by zlib, in a thread of its own: the ZIP's library would do it in this one, several times slower. */
class DeflatedFile extends ZipPassThrough {
  readonly #deflate = createDeflateRaw()
  #written: Promise<void> = Promise.resolve()

  constructor(name: string) {
    super(name)
    this.compression = DEFLATE
    this.#deflate.on('error', () => undefined) // `write` tells of it
    this.#deflate.on('data', (bytes: Uint8Array<ArrayBuffer>) => this.ondata(null, bytes, false))
  }

  write(text: string, isLast: boolean): Promise<void> {
    this.push(new TextEncoder().encode(text), isLast)
    return this.#written
  }

  /** Called by `push`, which sees to size and checksum. */
  protected override process(bytes: Uint8Array, isLast: boolean): void {
    this.#written = new Promise((resolve, reject) => {
      if (!isLast) return this.#deflate.write(bytes, (error) => (error ? reject(error) : resolve()))
      return this.#deflate
        .once('error', reject)
        .once('end', () => {
          this.ondata(null, new Uint8Array(), true)
          resolve()
        })
        .end(bytes)
    })
  }
}
