const times = (count: number, part: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ')
const nested = (depth: number, open: string, inner: string, close: string): string =>
  open.repeat(depth) + inner + close.repeat(depth)
const document = (query: string): string => JSON.stringify({ query })

/** Bodies of requests that a gateway must refuse, each by what it tries; for any graph with `me { id }`. */
export const attacks: Readonly<Record<string, string>> = {
  '101 aliases': document(`{ ${times(101, (n) => `a${n}: __typename`)} }`),
  '10,000 aliases': document(`{ ${times(10_000, (n) => `a${n}: __typename`)} }`),
  'a field 500 times': document(`{ me { ${times(500, () => 'id')} } }`),
  'a root field 500 times': document(`{ ${times(500, () => 'me { id }')} }`),
  'nesting of 5,000': document(nested(5_000, '{a', '', '}')),
  'fragments in a circle': document('{ me { ...A } } fragment A on User { ...B } fragment B on User { ...A }'),
  '2^20 fields in 20 fragments': document(
    `{ ...F0 } ${times(20, (n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`)} fragment F20 on Query { __typename }`,
  ),
  '1,000 fragments': document(
    `{ ${times(1_000, (n) => `...F${n}`)} } ${times(1_000, (n) => `fragment F${n} on Query { __typename }`)}`,
  ),
  '1,000 directives': document(`{ me { id ${times(1_000, () => '@skip(if: false)')} } }`),
  '1,000 unknown fields': document(`{ me { ${times(1_000, (n) => `x${n}`)} } }`),
  introspection: document('{ __schema { types { name } } }'),
  'a misspelt field': document('{ mee { id } }'),
  'half a megabyte of commas': document(`{ ${','.repeat(500_000)} }`),
  'a string without an end': document(`{ user(id: "${'x'.repeat(500_000)}`),
  'a list of 100 operations': JSON.stringify(Array.from({ length: 100 }, () => ({ query: '{ me { id } }' }))),
  'a body that is no JSON': '{"query":',
}
