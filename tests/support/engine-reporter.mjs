/**
 * Says at the very end which suites were skipped for want of a real engine, and why: a green run must not be taken for more
 * than it is. In: Jest's results, where engines.ts has put the reason into the suite's title. Out: one line a suite.
 */
const SKIPPED = /^(.*) \(skipped: (.*)\)$/

// eslint-disable-next-line no-restricted-syntax -- Jest takes a reporter from the default export
export default class EngineReporter {
  /** @param {unknown} _contexts @param {{ testResults: { testResults: { ancestorTitles: string[], status: string }[] }[] }} results */
  onRunComplete(_contexts, results) {
    const tests = results.testResults.flatMap((file) => file.testResults)
    const titles = tests
      .filter(({ status }) => status === 'pending')
      .map(({ ancestorTitles }) => ancestorTitles[0] ?? '')
    const lines = [...new Set(titles)].flatMap((title) => {
      const [, suite, reason] = SKIPPED.exec(title) ?? []
      return suite === undefined ? [] : [`skipped: ${suite} because ${reason}\n`]
    })
    process.once('exit', () => process.stderr.write(lines.join(''))) // Jest's own summary comes after the reporters
  }
}
