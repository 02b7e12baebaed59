import { isInterfaceType, isUnionType, type Schema } from '@apollo/federation-internals'

/** The names a `__typename` may have to satisfy `... on <typeName>`, the name itself included. */
export type TypeConditions = (typeName: string) => ReadonlySet<string>

/**
 * Answers type conditions from the supergraph, which unlike the API schema knows the inaccessible types too. Interfaces
 * count among the satisfying names: a subgraph with an interface object answers with the interface's own name.
 */
export function createTypeConditions(supergraph: Schema): TypeConditions {
  const known = new Map<string, ReadonlySet<string>>()
  return (typeName) => {
    const earlier = known.get(typeName)
    if (earlier !== undefined) return earlier
    const names = new Set([typeName, ...narrowerTypes(supergraph, typeName)])
    known.set(typeName, names)
    return names
  }
}

function narrowerTypes(supergraph: Schema, typeName: string): string[] {
  const type = supergraph.type(typeName)
  if (type === undefined) return []
  if (isInterfaceType(type)) return type.allImplementations().map((implementation) => implementation.name)
  if (isUnionType(type)) return type.types().map((member) => member.name)
  return []
}
