import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, type InputType, type ZlibOptions } from 'node:zlib'
import { MalformedResponse } from './response-head.js'

const decoders: Readonly<Record<string, (body: InputType, options: ZlibOptions) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
}

/**
 * The text of a body that a server has compressed without being asked to. Rejects with MalformedResponse for an encoding that
 * is not known, bytes that are not of it, and more than `maximumBytes` of text.
 */
export async function decodeContent(body: Buffer, encoding: string, maximumBytes: number): Promise<string> {
  const decode = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined
  if (decode === undefined) throw new MalformedResponse('the body has an encoding that is not known')
  try {
    const bytes = await decode(body, { maxOutputLength: maximumBytes })
    return bytes.toString('utf8')
  } catch {
    throw new MalformedResponse('the body does not unpack, or to too much')
  }
}
