/**
 * `npm run make-ready`: everything that is made from sources and not committed: Prisma clients, types and documents
 * generated from the SDL, and the compiled code in dist/. Only what is out of date is made.
 */
import { generate } from './generate.mjs'
import { compile } from './compile.mjs'

/** Throws with the failing tool's words. */
export async function makeReady() {
  await generate()
  const { compiled, total } = await compile()
  if (compiled > 0) console.log(`  ${compiled} of ${total} source files compiled`)
}

if (import.meta.filename === process.argv[1]) {
  try {
    await makeReady()
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
