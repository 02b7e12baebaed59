/** `npm run demo`: makes ready what is missing, as `npm start` does, then plays the story. */
import { runProgram } from './run-program.mjs'

await runProgram('../demo/main.ts')
