/**
 * `npm run make-ready`: everything that is made from sources and not committed: Prisma clients, types and documents
 * generated from the SDL, the match kernels, the compiled code in dist/ and the page in dist/page. Only what is out of date is made.
 */
import { generate } from './generate.mjs'
import { bundlePage } from './bundle-page.mjs'
import { compile } from './compile.mjs'

/** Throws with the failing tool's words. */
export async function makeReady() {
  await generate()
  const { compiled, total } = await compile()
  if (await bundlePage()) console.log('  the page bundled')
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
