/** Leaves with exit code 0 when the process in this container answers on PATH of PORT, e.g. `check-health.mjs 8080 /ready`. */
const [port, path] = process.argv.slice(2)

try {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(3_000) })
  process.exitCode = answer.ok ? 0 : 1
} catch {
  process.exitCode = 1
}
