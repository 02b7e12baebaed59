/** `npm run bench`: makes ready what is missing, as `npm start` does, then measures. */
import { runProgram } from './run-program.mjs'

await runProgram('../bench/main.ts')
