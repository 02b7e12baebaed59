/** One project a kind of test, so that each can be run, and be missing its engines, by itself. */
const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)(?<!\\.json)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.data/'],
  testEnvironment: 'node',
}

const project = (displayName, testMatch, more = {}) => ({ ...shared, displayName, testMatch, ...more })

export default {
  projects: [
    project('unit', ['<rootDir>/{platform,gateway,subgraphs,schema,clients,launcher,bench}/**/*.test.ts']),
    project('integration', ['<rootDir>/tests/integration/**/*.test.ts']),
    project('conformance', ['<rootDir>/tests/conformance/**/*.test.ts']),
    project('e2e', ['<rootDir>/tests/e2e/**/*.test.ts']),
    project('faults', ['<rootDir>/tests/faults/**/*.test.ts']),
  ],
  reporters: ['default', '<rootDir>/tests/support/engine-reporter.mjs'],
  testTimeout: 90_000, // of a test that hangs: a busy machine may take half a minute to start a house
  // modules of a test file are not let go of by Node: one process for all of them grows to gigabytes, and slows with it
  maxWorkers: 2,
  workerIdleMemoryLimit: '800MB',
}
