import { buildSchema, findBreakingChanges } from 'graphql'

/**
 * What clients of the old API schema would trip over in the new one, less what has been declared. A declaration is the
 * sentence graphql-js gives for the change, so that it covers exactly one.
 */
export function undeclaredBreakingChanges(oldSdl: string, newSdl: string, declared: readonly string[]): string[] {
  return findBreakingChanges(buildSchema(oldSdl), buildSchema(newSdl))
    .map((change) => change.description)
    .filter((description) => !declared.includes(description))
}
