/**
 * Loaded before a program under measurement, with `--expose-gc`: asked by a message, it collects garbage and answers how many
 * bytes are in use. What grows in a process for good shows there, and not in what the system has lent it.
 */
process.on('message', () => {
  globalThis.gc()
  process.send(process.memoryUsage().heapUsed + process.memoryUsage().external)
})
process.channel.unref() // the program ends as it would
