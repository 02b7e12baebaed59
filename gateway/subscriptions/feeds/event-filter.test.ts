import { describe, expect, it } from '@jest/globals'
import { parse } from 'graphql'
import { AppError } from '../../../platform/errors/app-error.js'
import { readEventStreamRules } from '../../event-streams/event-stream-rule.js'
import { compileFilter, fillFilter } from './event-filter.js'

const claims = { sub: 'u1', tenants: ['t1', 't2'] }
const principal = {
  userId: 'u1',
  sessionId: 's',
  roles: [],
  permissions: new Set<string>(),
  expiresAtSeconds: 0,
  claims,
}

function filled(filter: string, args: Record<string, unknown> = {}, signedIn = true) {
  const document = parse(`type Subscription { moved: Moved @eventStream(subject: "x", filter: ${filter}) }`)
  const rule = readEventStreamRules(document).ruleOf('moved')?.filter
  if (!rule) throw new Error('no filter')
  return fillFilter(rule, { args, principal: signedIn ? principal : null })
}

/** Which of these payloads a filter admits, by their number. */
function admitted(filter: string, payloads: readonly unknown[], args: Record<string, unknown> = {}): number[] {
  const made = filled(filter, args)
  const admits = made === null ? () => true : compileFilter(made)
  return payloads.flatMap((payload, index) => (admits(payload) ? [index] : []))
}

describe('a filter of events', () => {
  const parcels = [
    { state: 'MOVING', weight: 3, fragile: true, owner: { id: 'u1' }, marks: [{ town: 'Rome' }, { town: 'Bath' }] },
    { state: 'LOST', weight: 10, fragile: false, owner: { id: 'u2' }, marks: [] },
    { state: null, owner: null, marks: null },
    'no object',
  ]

  it.each([
    ['{ field: "state", in: ["MOVING", "LOST"] }', [0, 1]],
    ['{ field: "weight", in: ["3"] }', [0]],
    ['{ field: "fragile", in: ["false"] }', [1]],
    ['{ field: "owner.id", in: ["{claims.sub}"] }', [0]],
    ['{ field: "marks.town", in: ["Bath"] }', [0]],
    ['{ field: "owner", in: ["u1"] }', []],
    ['{ field: "constructor", in: ["x"] }', []],
    ['{ field: "state", in: [] }', []],
    ['{ field: "state", in: ["LOST"], NOT: { field: "weight", in: ["10"] } }', []],
    ['{ NOT: { field: "state", in: ["LOST"] } }', [0, 2, 3]],
    ['{ AND: [{ field: "state", in: ["LOST"] }, { field: "weight", in: ["10"] }] }', [1]],
    ['{ OR: [{ field: "state", in: ["LOST"] }, { field: "weight", in: ["3"] }] }', [0, 1]],
    ['{ NOT: { OR: [{ field: "state", in: ["LOST"] }, { field: "weight", in: ["3"] }] } }', [2, 3]],
  ])('%s lets through %j', (filter, expected) => {
    expect(admitted(filter, parcels)).toEqual(expected)
  })

  it('takes its values from arguments and claims, lists item by item', () => {
    const payloads = ['a', 'b', 't1', 't2', 'to a'].map((town) => ({ town }))
    const filter = '{ field: "town", in: ["{args.towns}", "{claims.tenants}", "to {args.one}"] }'
    expect(admitted(filter, payloads, { towns: ['b', null], one: 'a' })).toEqual([1, 2, 3, 4])
    expect(admitted('{ field: "town", in: ["{args.towns}"] }', payloads, { towns: [] })).toEqual([])
  })

  it('compares values as they are: nothing in them is a template or a pattern', () => {
    const payloads = [{ town: 'u1' }, { town: '{claims.sub}' }, { town: 'anything' }]
    const filter = '{ field: "town", in: ["{args.town}"] }'
    expect(admitted(filter, payloads, { town: '{claims.sub}' })).toEqual([1])
    expect(admitted(filter, payloads, { town: '*' })).toEqual([])
  })

  it.each([
    ['{ field: "a", in: ["{args.none}"] }', null],
    ['{ field: "a", in: ["x {args.none}"] }', null],
    ['{ NOT: { field: "a", in: ["{args.none}"] } }', null],
    ['{ AND: [{ field: "a", in: ["{args.none}"] }] }', null],
    ['{ field: "a", in: ["{args.none}", "b"] }', { kind: 'in', path: ['a'], values: ['b'] }],
    [
      '{ OR: [{ field: "a", in: ["{args.none}"] }, { field: "owner", in: ["{claims.sub}"] }] }',
      { kind: 'any', of: [{ kind: 'in', path: ['owner'], values: ['u1'] }] },
    ],
  ])('without the argument, %s asks for %j', (filter, expected) => {
    expect(filled(filter)).toEqual(expected)
    expect(filled(filter, { none: null })).toEqual(expected)
  })

  it('is not filled in for a caller without the claim, nor with a value that has no text', () => {
    const refused = (code: string) => expect.objectContaining({ constructor: AppError, code })
    const fill = (filter: string, args = {}, signedIn = true) => {
      try {
        return filled(filter, args, signedIn)
      } catch (error) {
        return error
      }
    }
    expect(fill('{ field: "a", in: ["{claims.none}", "b"] }')).toEqual(refused('AUTH_TOKEN_INVALID'))
    expect(fill('{ NOT: { field: "a", in: ["{claims.sub}"] } }', {}, false)).toEqual(refused('AUTH_TOKEN_INVALID'))
    expect(fill('{ field: "a", in: ["{args.x}"] }', { x: { y: 1 } })).toEqual(refused('VAL_INVALID_FORMAT'))
  })
})
