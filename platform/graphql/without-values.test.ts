import { describe, expect, it } from '@jest/globals'
import { buildSchema, getVariableValues, Kind, parse, validate } from 'graphql'
import { withoutValues } from './without-values.js'

const schema = buildSchema(`
  enum Kind { FACE VOICE }
  input Sample { kind: Kind!, numbers: [Float!]!, name: String!, at: Int }
  type Query { enrol(input: Sample!): String }
`)
const [definition] = parse('query ($input: Sample!) { enrol(input: $input) }').definitions

function complaintsAbout(input: unknown): readonly string[] {
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('The document holds one operation.')
  const { errors = [] } = getVariableValues(schema, definition.variableDefinitions ?? [], { input })
  return errors.map(({ message }) => withoutValues(message))
}

describe('a complaint about a variable', () => {
  const sample = { kind: 'FACE', numbers: [0.123456789, 0.2], name: 'secret; at "input.x"; words' }

  it('names the place and the fault, and repeats nothing of the value', () => {
    expect(complaintsAbout({ ...sample, numbers: [0.123456789, 'secret'] })).toEqual([
      'Variable "$input" got an invalid value at "input.numbers[1]": Float cannot represent non numeric value.',
    ])
    expect(complaintsAbout({ ...sample, numbers: [0.123456789, null] })).toEqual([
      'Variable "$input" got an invalid value at "input.numbers[1]": Expected non-nullable type "Float!" not to be null.',
    ])
    expect(complaintsAbout({ ...sample, name: undefined })).toEqual([
      'Variable "$input" got an invalid value: Field "name" of required type "String!" was not provided.',
    ])
    expect(complaintsAbout({ ...sample, kind: 'secret' })).toEqual([
      'Variable "$input" got an invalid value at "input.kind": It does not fit its type.',
    ])
    expect(complaintsAbout('secret')).toEqual([
      'Variable "$input" got an invalid value: Expected type "Sample" to be an object.',
    ])
    expect(complaintsAbout({ ...sample, namme: 'x' })).toEqual([
      'Variable "$input" got an invalid value: Field "namme" is not defined by type "Sample". Did you mean "name"?',
    ])
    expect(complaintsAbout({ ...sample, at: 0.123456789 })).toEqual([
      'Variable "$input" got an invalid value at "input.at": Int cannot represent non-integer value.',
    ])
  })

  it('stays as it is where no value is repeated', () => {
    expect(complaintsAbout(null)).toEqual(['Variable "$input" of non-null type "Sample!" must not be null.'])
    expect(withoutValues('Syntax Error: Unexpected Name "x".')).toBe('Syntax Error: Unexpected Name "x".')
  })
})

describe('a complaint about a value written in the document', () => {
  it.each([
    ['name: 31337', 'String cannot represent a non string value.'],
    ['numbers: ["0.98765-secret"]', 'Float cannot represent non numeric value.'],
    ['at: 31337313373133731337', 'Int cannot represent non 32-bit signed integer value.'],
    ['at: "31337"', 'Int cannot represent non-integer value.'],
    ['kind: SECRET', 'The value does not exist in "Kind" enum.'],
    ['kind: "secret: value"', 'Enum "Kind" cannot represent non-enum value.'],
    ['numbers: { secret: 31337 }', 'Float cannot represent non numeric value.'],
    ['name: null', 'Expected value of type "String!", found null.'],
  ])('%s tells the fault and repeats nothing of the value', (field, complaint) => {
    const rest = { kind: 'kind: FACE', numbers: 'numbers: []', name: 'name: "x"', at: 'at: 1' }
    const fields = Object.entries(rest).map(([name, good]) => (field.startsWith(`${name}:`) ? field : good))
    const errors = validate(schema, parse(`{ enrol(input: { ${fields.join(' ')} }) }`))
    expect(errors.map(({ message }) => withoutValues(message))).toEqual([complaint])
  })

  it('of a whole input tells its type', () => {
    const errors = validate(schema, parse('{ enrol(input: "secret") }'))
    expect(errors.map(({ message }) => withoutValues(message))).toEqual(['Expected value of type "Sample!".'])
  })
})
