import { ensureInstalled, refuseOldNode } from './installation.mjs'

/** Runs a TypeScript program of this project from its source, after what it needs is installed and generated. */
export async function runProgram(program) {
  try {
    refuseOldNode()
    await ensureInstalled()
    const { generate } = await import('./generate.mjs')
    await generate()
  } catch (error) {
    console.error(`\n${error.message}`)
    process.exit(1)
  }
  const { register } = await import('tsx/esm/api')
  register()
  await import(program)
}
