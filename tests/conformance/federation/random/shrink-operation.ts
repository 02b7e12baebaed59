import { Kind, parse, print, visit, type ASTNode, type DocumentNode } from 'graphql'

/** Leaves out of a query what it can, one selection, argument or directive at a time, as long as `isStill` says yes. */
export async function shrinkOperation(query: string, isStill: (query: string) => Promise<boolean>): Promise<string> {
  let document = parse(query, { noLocation: true })
  for (let number = 0; number < partsOf(document).length;) {
    const smaller = without(document, partsOf(document)[number])
    if (smaller !== null && (await isStill(print(smaller)).catch(() => false))) document = smaller
    else number += 1
  }
  return print(document).replaceAll(/\s+/g, ' ')
}

/** From the large to the small. */
function partsOf(document: DocumentNode): ASTNode[] {
  const parts: ASTNode[] = []
  const take = (node: ASTNode) => void parts.push(node)
  visit(document, { Field: take, InlineFragment: take, FragmentSpread: take, Argument: take, Directive: take })
  return parts
}

/** Null where nothing would be left. What only the part used goes too: fragments and variables. */
function without(document: DocumentNode, part: ASTNode | undefined): DocumentNode | null {
  const smaller: DocumentNode = visit(document, { enter: (node) => (node === part ? null : undefined) })
  const text = print(smaller)
  const kept = smaller.definitions.filter(
    (node) => node.kind !== Kind.FRAGMENT_DEFINITION || text.includes(`...${node.name.value}`),
  )
  const pruned: DocumentNode = visit(
    { ...smaller, definitions: kept },
    {
      VariableDefinition: (node) => (text.split(`$${node.variable.name.value}`).length > 2 ? undefined : null),
    },
  )
  return isWhole(pruned) ? pruned : null
}

function isWhole(document: DocumentNode): boolean {
  try {
    parse(print(document))
    return true
  } catch {
    return false
  }
}
