import { describe, expect, it } from '@jest/globals'
import { isEntityId } from './entity-id.js'

describe('the id of an entity', () => {
  const id = '018f4e6a-7b3c-7d2e-9a10-0123456789ab'

  it('is a UUID in lower case', () => {
    expect(isEntityId(id)).toBe(true)
    expect(isEntityId(crypto.randomUUID())).toBe(true)
  })

  it.each([
    id.toUpperCase(),
    id.replaceAll('-', ''),
    `{${id}}`,
    `urn:uuid:${id}`,
    ` ${id}`,
    `${id}\n`,
    `${id}0`,
    '',
    '1',
  ])('is not %j', (text) => {
    expect(isEntityId(text)).toBe(false)
  })
})
