import { Kind, type ConstDirectiveNode, type InlineFragmentNode } from 'graphql'

/** Marks a fragment as deferred, under an id that is ours: read again by `deferredId`. */
export function deferDirective(id: string): ConstDirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: 'defer' },
    arguments: [
      { kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: 'label' }, value: { kind: Kind.STRING, value: id } },
    ],
  }
}

/** The id of a fragment that is deferred, in an operation whose deferred fragments have been marked; null for others. */
export function deferredId(selection: InlineFragmentNode): string | null {
  const directive = selection.directives?.find((node) => node.name.value === 'defer')
  const label = directive?.arguments?.find((argument) => argument.name.value === 'label')?.value
  return label?.kind === Kind.STRING ? label.value : null
}
