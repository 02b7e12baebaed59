import { describe, expect, it } from '@jest/globals'
import { GraphQLError } from 'graphql'
import { answerType, refuseUnexecutable, statusOf } from './answer-rules.js'

const failed = (code: string) => ({ errors: [{ extensions: { code } }] })

describe('the type of an answer', () => {
  it.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['application/json', 'application/json'],
    ['application/graphql-response+json', 'application/graphql-response+json'],
    ['application/graphql-response+json, application/json;q=0.9', 'application/graphql-response+json'],
    ['application/graphql-response+json;q=0.5, application/json', 'application/json'],
    ['application/*', 'application/json'],
    ['multipart/mixed;deferSpec=20220824, application/json', 'application/json'],
    ['text/html', null],
    ['application/json;q=0', null],
  ])('for accept: %s is %s', (accept, type) => {
    expect(answerType(accept)).toBe(type)
    expect(answerType(accept)).toBe(type) // from memory too
  })
})

describe('the status of an answer', () => {
  it('is 200 as soon as an operation was executed', () => {
    for (const type of ['application/json', 'application/graphql-response+json'] as const) {
      expect(statusOf({ data: { a: 1 } }, type)).toBe(200)
      expect(statusOf({ data: null, ...failed('SUBGRAPH_TIMEOUT') }, type)).toBe(200)
    }
  })

  it('of a refused operation depends on the media type', () => {
    for (const code of ['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']) {
      expect(statusOf(failed(code), 'application/json')).toBe(200)
      expect(statusOf(failed(code), 'application/graphql-response+json')).toBe(400)
    }
  })

  it('is the own one of every other refusal', () => {
    for (const type of ['application/json', 'application/graphql-response+json'] as const) {
      expect(statusOf(failed('AUTH_TOKEN_EXPIRED'), type)).toBe(401)
      expect(statusOf(failed('RATE_LIMIT_EXCEEDED'), type)).toBe(429)
      expect(statusOf(failed('INT_INTERNAL_ERROR'), type)).toBe(500)
      expect(statusOf(failed('BAD_REQUEST'), type)).toBe(400)
      expect(statusOf({ errors: [{ extensions: {} }] }, type)).toBe(500)
    }
  })
})

function statusOfRefusal(method: string, headers: Record<string, string>): unknown {
  try {
    refuseUnexecutable(method, headers)
    return null
  } catch (error) {
    return error instanceof GraphQLError ? error.extensions['http'] : error
  }
}

describe('a request', () => {
  it.each([
    ['a POST of JSON', 'POST', { 'content-type': 'application/json; charset=utf-8', 'sec-fetch-site': 'cross-site' }],
    ['a GET of a program', 'GET', {}],
    ['a GET of a page of the same origin', 'GET', { 'sec-fetch-site': 'same-origin' }],
    ['a GET typed by a person', 'GET', { 'sec-fetch-site': 'none' }],
    ['a GET announced to the server', 'GET', { 'sec-fetch-site': 'cross-site', 'apollo-require-preflight': '1' }],
    ['a form announced to the server', 'POST', { 'content-type': 'text/plain', 'x-apollo-operation-name': 'A' }],
  ])('is executed: %s', (_what, method, headers) => {
    expect(statusOfRefusal(method, headers)).toBeNull()
  })

  it.each([
    ['a form', 'POST', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a form with files', 'POST', { 'content-type': 'Multipart/Form-Data; boundary=x' }],
    ['text', 'POST', { 'content-type': 'text/plain;charset=utf-8' }],
    ['nothing in particular', 'POST', {}],
    ['an image of another site', 'GET', { 'sec-fetch-site': 'cross-site' }],
    ['an image of a sister site', 'GET', { 'sec-fetch-site': 'same-site' }],
    ['an empty announcement', 'POST', { 'content-type': 'text/plain', 'apollo-require-preflight': '' }],
  ])('may be forged, and is refused: %s', (_what, method, headers) => {
    expect(statusOfRefusal(method, headers)).toEqual({ status: 400 })
  })

  it('whose answer nobody could read is refused', () => {
    const json = { 'content-type': 'application/json' }
    expect(statusOfRefusal('POST', { ...json, accept: 'text/html' })).toEqual({ status: 406 })
    expect(statusOfRefusal('POST', { ...json, accept: 'multipart/mixed;deferSpec=20220824' })).toBeNull()
  })
})
