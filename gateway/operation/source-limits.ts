import { GraphQLError, Source, syntaxError } from 'graphql'
import { OperationRefused } from '../gateway-error.js'

export interface SourceLimits {
  /** Tokens of a document, counted before a tree is built of it. */
  readonly maxTokens: number
  /** Brackets within brackets, of any kind: parsers and validators go down as deep on their stack. */
  readonly maxNesting: number
}

/**
 * Reads the text once, builds nothing, and throws OperationRefused (GRAPHQL_PARSE_FAILED) where it goes beyond the limits.
 * Lexical grammar: https://spec.graphql.org/October2021/#sec-Source-Text. What is malformed is left to the parser, but for a
 * string without an end, in the parser's words: it may be all the rest of a long text, and need not be read twice.
 */
export function checkSource(text: string, { maxTokens, maxNesting }: SourceLimits): void {
  let tokens = 0
  let nesting = 0
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at)
    if (isIgnored(code)) {
      at = firstAt(SOMETHING, text, at + 1)
      continue
    }
    if (code === HASH) {
      at = endOfLine(text, at)
      continue
    }
    tokens += 1
    if (tokens > maxTokens) throw refusal(`The document has more than ${maxTokens} tokens.`)
    if (code === BRACE_OPEN || code === BRACKET_OPEN || code === PARENTHESIS_OPEN) {
      nesting += 1
      if (nesting > maxNesting) throw refusal(`The document is nested deeper than ${maxNesting} brackets.`)
    } else if (code === BRACE_CLOSE || code === BRACKET_CLOSE || code === PARENTHESIS_CLOSE) {
      nesting -= 1
    }
    at = endOfToken(text, at, code)
  }
}

const HASH = 0x23
const QUOTE = 0x22
const DOT = 0x2e
const MINUS = 0x2d
const PLUS = 0x2b
const BACKSLASH = 0x5c
const UNDERSCORE = 0x5f
const BRACE_OPEN = 0x7b
const BRACE_CLOSE = 0x7d
const BRACKET_OPEN = 0x5b
const BRACKET_CLOSE = 0x5d
const PARENTHESIS_OPEN = 0x28
const PARENTHESIS_CLOSE = 0x29

/** White space, line ends, commas, the byte order mark. */
function isIgnored(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d || code === 0x2c || code === 0xfeff
}

function isWordPart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || isDigit(code) || code === UNDERSCORE
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

function endOfLine(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) !== 0x0a && text.charCodeAt(at) !== 0x0d) at += 1
  return at
}

function endOfToken(text: string, from: number, first: number): number {
  if (first === QUOTE) return text.startsWith('"""', from) ? endOfBlock(text, from + 3) : endOfString(text, from + 1)
  if (first === DOT) return text.startsWith('...', from) ? from + 3 : from + 1
  const isNumber = isDigit(first) || first === MINUS
  let at = from + 1
  if (!isNumber && !isWordPart(first)) return at
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (!isWordPart(code) && !(isNumber && (code === DOT || code === PLUS || code === MINUS))) break
    at += 1
  }
  return at
}

/** Behind the closing quote or, for one that is missing, at the line's end. Throws where there is neither. */
function endOfString(text: string, from: number): number {
  let at = firstAt(ENDS_OR_ESCAPES, text, from)
  while (text.charCodeAt(at) === BACKSLASH) {
    if (at + 1 === text.length) return text.length // an escape of nothing is what the parser minds first
    at = firstAt(ENDS_OR_ESCAPES, text, at + 2)
  }
  if (at >= text.length) throw unterminated(text)
  return text.charCodeAt(at) === QUOTE ? at + 1 : at
}

const SOMETHING = /[^ \n\t\r,\ufeff]/g // that is not ignored
const ENDS_OR_ESCAPES = /["\\\n\r]/g

/** The text's length where there is none. A search is as quick in a process that has just begun as in a warm one. */
function firstAt(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex - 1 : text.length
}

function unterminated(text: string): OperationRefused {
  const { message, source, positions } = syntaxError(new Source(text), text.length, 'Unterminated string.')
  const extensions = { code: 'GRAPHQL_PARSE_FAILED' }
  return new OperationRefused([
    new GraphQLError(message, { source: source ?? null, positions: positions ?? null, extensions }),
  ])
}

function endOfBlock(text: string, from: number): number {
  let end = text.indexOf('"""', from)
  while (end > 0 && text.charCodeAt(end - 1) === BACKSLASH) end = text.indexOf('"""', end + 3)
  return end < 0 ? text.length : end + 3
}

function refusal(message: string): OperationRefused {
  return new OperationRefused([new GraphQLError(message, { extensions: { code: 'GRAPHQL_PARSE_FAILED' } })])
}
