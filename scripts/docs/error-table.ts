import { errorCodes } from '../../platform/errors/error-codes.js'

/** docs/errors.md, from the closed list of codes: what a client meets and what to do about it. */
export function errorTable(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, { status, retry, message }]) => `| \`${code}\` | ${status} | ${retry ? 'yes' : 'no'} | ${message} |`,
  )
  return `# Error codes

Every refusal carries \`errors[].extensions { code, details, traceId, timestamp }\`: the code from this closed list, the
fields at fault where there are any, and the trace id to quote to support. **Status** is the HTTP status when the refusal is
the whole answer; a partial GraphQL answer stays 200. **Retry** says whether the same request may succeed later unchanged.
Requests that never reach a resolver (syntax, validation, variables) carry graphql-js's and Apollo Server's own codes:
\`GRAPHQL_PARSE_FAILED\`, \`GRAPHQL_VALIDATION_FAILED\`, \`BAD_USER_INPUT\`, \`BAD_REQUEST\`, \`OPERATION_RESOLUTION_FAILURE\`.

This page is written by \`npm run docs\` from \`platform/errors/error-codes.ts\` and compared with it in the tests.

| Code | Status | Retry | Message |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}
