import { describe, expect, it } from '@jest/globals'
import { callerOf } from './fixtures/scripted-hub.js'
import { createLiveCursors, digestOfLog, type CursorOwner, type LiveCursors } from './live-cursors.js'

const key = (byte: number) => new Uint8Array(32).fill(byte)
const ada: CursorOwner = {
  query: 'subscription ($id: ID!, $to: Where) { moved(id: $id, to: $to) }',
  operationName: 'Follow',
  variables: { id: 'p1', to: { x: 1, y: 2 } },
  caller: callerOf('ada'),
}

const cursorFor = (cursors: LiveCursors, owner = ada, sequence = 41) =>
  cursors.headFor('log', 'feed', sequence) + cursors.bindingFor(owner)

const refusalOf = (cursors: LiveCursors, cursor: string, owner = ada, feed = 'feed') => {
  try {
    return cursors.read(cursor, owner, feed)
  } catch (error) {
    return Reflect.get(Object(error), 'code')
  }
}

describe('a cursor', () => {
  const cursors = createLiveCursors([key(1)])

  it('tells its place to whoever it was given to, on any replica, whatever token they have by now', () => {
    const other = createLiveCursors([key(1)])
    for (const sequence of [0, 41, 2 ** 40]) {
      expect(other.read(cursorFor(cursors, ada, sequence), ada, 'feed')).toEqual({
        sequence,
        logDigest: digestOfLog('log'),
      })
    }
    const renewed = { ...ada, caller: { ...callerOf('ada', { tier: 2 }), authorization: 'Bearer another' } }
    expect(cursors.read(cursorFor(cursors), renewed, 'feed').sequence).toBe(41)
    const otherOrder = { ...ada, variables: { to: { y: 2, x: 1 }, id: 'p1' } }
    expect(cursors.read(cursorFor(cursors), otherOrder, 'feed').sequence).toBe(41)
  })

  it.each<[string, CursorOwner, string]>([
    ['another person', { ...ada, caller: callerOf('bob') }, 'feed'],
    ['nobody', { ...ada, caller: { principal: null, authorization: null, address: null } }, 'feed'],
    ['another operation', { ...ada, query: `${ada.query} ` }, 'feed'],
    ['another operation of the document', { ...ada, operationName: 'Other' }, 'feed'],
    ['other variables', { ...ada, variables: { id: 'p2' } }, 'feed'],
    ['another feed', ada, 'another feed'],
  ])('is worth nothing to %s', (_who, owner, feed) => {
    expect(refusalOf(cursors, cursorFor(cursors), owner, feed)).toBe('CURSOR_INVALID')
  })

  it('is refused with any character changed, with the mark of another place, and as anything else', () => {
    const cursor = cursorFor(cursors)
    for (let index = 0; index < cursor.length; index += 1) {
      const forged = cursor.slice(0, index) + (cursor[index] === '1' ? '2' : '1') + cursor.slice(index + 1)
      expect(refusalOf(cursors, forged)).toBe('CURSOR_INVALID')
    }
    const moved = cursorFor(cursors, ada, 40).split('.')[0] + cursor.slice(cursor.indexOf('.'))
    for (const forged of [moved, '', '.', `${cursor}.`, ` ${cursor}`, cursor.toUpperCase(), '0'.repeat(1e5)]) {
      expect(refusalOf(cursors, forged)).toBe('CURSOR_INVALID')
    }
  })

  it('is signed with the first key and taken with each of them', () => {
    const [old, during, fresh] = [[key(1)], [key(2), key(1)], [key(2)]].map(createLiveCursors)
    if (!old || !during || !fresh) throw new Error('three were made')
    expect(during.read(cursorFor(old), ada, 'feed').sequence).toBe(41)
    expect(fresh.read(cursorFor(during), ada, 'feed').sequence).toBe(41)
    expect(refusalOf(fresh, cursorFor(old))).toBe('CURSOR_INVALID')
  })

  it('keeps its parts to one key: half of one and half of another are no cursor', () => {
    const [one, other] = [createLiveCursors([key(1)]), createLiveCursors([key(2)])]
    const mixed = one.headFor('log', 'feed', 41) + other.bindingFor(ada)
    expect(refusalOf(createLiveCursors([key(1), key(2)]), mixed)).toBe('CURSOR_INVALID')
  })
})
