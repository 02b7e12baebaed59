import {
  baseType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  type InputType,
  type InterfaceType,
  type ObjectType,
  type Schema,
} from '@apollo/federation-internals'
import { readAccessDirectives, type AccessDirectives } from './access-directives.js'
import type { Requirement } from './requirement.js'

/** What it takes to see a field, and whether anybody may keep it. */
export interface FieldAccess {
  /** All of them must be met. */
  readonly requirements: readonly Requirement[]
  /** The field's value, or something it is given, must not be written down anywhere. */
  readonly sensitive: boolean
  /** Arguments that alone make a use of the field sensitive. */
  readonly sensitiveArguments: ReadonlySet<string>
}

export interface AccessRules {
  /** The directives that ask something of a caller and are applied somewhere, e.g. `@authenticated`. */
  readonly directives: readonly string[]
  /** The levels of sign-in it asks for somewhere. */
  readonly acrLevels: readonly string[]
  /** Null for a field that is open to everybody. */
  accessTo(typeName: string, fieldName: string): FieldAccess | null
}

/**
 * Reads a supergraph's rules; null when it has none. A field takes its own requirements, those of its parent type and those
 * of the type it returns. On an interface it takes those of every implementation too: who reads through the interface may
 * meet any of them. (Composition says the same of interfaces since 2.12, but not every file is of that age.)
 */
export function readAccessRules(schema: Schema): AccessRules | null {
  const directives = readAccessDirectives(schema)
  if (directives === null) return null
  const known = new Map<string, FieldAccess | null>()
  const interned = new Map<string, Requirement>()
  return {
    directives: directives.applied,
    acrLevels: directives.acrLevels,
    accessTo(typeName, fieldName) {
      const key = `${typeName}.${fieldName}`
      const earlier = known.get(key)
      if (earlier !== undefined) return earlier
      const access = readAccess(schema, directives, interned, typeName, fieldName)
      known.set(key, access)
      return access
    },
  }
}

function readAccess(
  schema: Schema,
  directives: AccessDirectives,
  interned: Map<string, Requirement>,
  typeName: string,
  fieldName: string,
): FieldAccess | null {
  const type = schema.type(typeName)
  if (type === undefined || (!isObjectType(type) && !isInterfaceType(type))) return null
  const parents = isInterfaceType(type) ? [type, ...type.allImplementations()] : [type, ...interfaceObjects(type)]
  const found = new Map<string, Requirement>()
  let sensitive = false
  const sensitiveArguments = new Set<string>()
  for (const parent of parents) {
    const field = parent.field(fieldName)
    if (field?.type === undefined) continue
    const returned = baseType(field.type)
    for (const element of isOwn(parent, type) ? [parent, field, returned] : [field]) {
      for (const requirement of directives.requirementsOn(element)) {
        const key = JSON.stringify(requirement)
        const same = interned.get(key) ?? requirement
        interned.set(key, same)
        found.set(key, same)
      }
      sensitive ||= directives.isSensitive(element)
    }
    for (const argument of field.arguments()) {
      const isSecret = directives.isSensitive(argument) || takesSecrets(argument.type, directives, new Set())
      if (isSecret) sensitiveArguments.add(argument.name)
    }
  }
  if (found.size === 0 && !sensitive && sensitiveArguments.size === 0) return null
  return { requirements: [...found.values()], sensitive, sensitiveArguments }
}

/** A field that only an interface object provides carries its directives on the interface. */
function interfaceObjects(type: ObjectType): InterfaceType[] {
  return type
    .interfaces()
    .filter((parent) =>
      parent
        .appliedDirectivesOf('join__type')
        .some((applied) => Reflect.get(applied.arguments(), 'isInterfaceObject') === true),
    )
}

/** The requirements of an interface itself are for what is reached through it: its implementations have their own. */
function isOwn(parent: ObjectType | InterfaceType, type: ObjectType | InterfaceType): boolean {
  return parent === type || isInterfaceType(type)
}

function takesSecrets(type: InputType | undefined, directives: AccessDirectives, visited: Set<string>): boolean {
  if (type === undefined) return false
  const named = baseType(type)
  if (!isInputObjectType(named) || visited.has(named.name)) return false
  visited.add(named.name)
  return named.fields().some((field) => directives.isSensitive(field) || takesSecrets(field.type, directives, visited))
}
