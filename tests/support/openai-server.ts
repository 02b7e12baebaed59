/**
 * A provider of AI models to play with: speaks OpenAI's wire format for chat completions, on loopback. In: a script that says
 * how each question is answered. Out: answers, and a record of what was asked. It refuses nothing a real provider takes, and
 * it knows nothing: without a script it repeats the question.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'

/** How one question is answered. */
export type OpenAiStep =
  | { readonly kind: 'answer'; readonly text: string; readonly delayMs?: number }
  /** An error of the provider, with its usual body. */
  | { readonly kind: 'status'; readonly status: 400 | 401 | 429 | 500 | 503 }
  /** The connection stays open and nothing comes. */
  | { readonly kind: 'hang' }
  /** The connection is cut in the middle of the answer. */
  | { readonly kind: 'cut' }
  /** Status 200 with a body that is not JSON. */
  | { readonly kind: 'malformed' }
  /** Status 200 with exactly this body. */
  | { readonly kind: 'body'; readonly body: string }
  /** The provider does not know the model. */
  | { readonly kind: 'wrong-model' }

export interface OpenAiQuestion {
  readonly model: string
  readonly prompt: string
  readonly maxTokens: number | null
  readonly authorization: string | null
}

/** The steps in order, the last one for ever; or a function, which may wait for what it likes. */
export type OpenAiScript = readonly OpenAiStep[] | ((question: OpenAiQuestion) => OpenAiStep | Promise<OpenAiStep>)

export interface OpenAiServer {
  /** What a client puts before `/chat/completions`. */
  readonly baseUrl: string
  readonly port: number
  /** Everything that was asked, in order. */
  readonly questions: readonly OpenAiQuestion[]
  /** From now on; the record goes on. */
  follow(script: OpenAiScript): void
  /** Cuts what is still open. */
  close(): Promise<void>
}

export interface OpenAiServerOptions {
  readonly script?: OpenAiScript
  /** Any free one unless given. */
  readonly port?: number
}

export async function startOpenAiServer({ script, port = 0 }: OpenAiServerOptions = {}): Promise<OpenAiServer> {
  const questions: OpenAiQuestion[] = []
  let next = playerOf(script ?? repeatTheQuestion)
  const closing = new AbortController()
  const server = createServer((request, response) => {
    respond(request, response).catch(() => response.destroy())
  })
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
      return send(
        response,
        404,
        errorBody('invalid_request_error', 'unknown_url', `Unknown request URL: ${request.url}.`),
      )
    }
    const question = questionOf(await json(request), request.headers.authorization)
    questions.push(question)
    const step = await next(question)
    if (step.kind === 'answer' && step.delayMs !== undefined) {
      await delay(step.delayMs, undefined, { signal: closing.signal })
    }
    play(step, question, response)
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: taken } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${taken}/v1`,
    port: taken,
    questions,
    follow(changed) {
      next = playerOf(changed)
    },
    close() {
      closing.abort()
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

function playerOf(script: OpenAiScript): (question: OpenAiQuestion) => OpenAiStep | Promise<OpenAiStep> {
  if (typeof script === 'function') return script
  const steps = [...script]
  return (question) => (steps.length > 1 ? steps.shift() : steps[0]) ?? repeatTheQuestion(question)
}

function repeatTheQuestion({ model, prompt }: OpenAiQuestion): OpenAiStep {
  return { kind: 'answer', text: `${model} was asked: ${prompt}` }
}

const completionRequest = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })).min(1),
  max_tokens: z.int().positive().optional(),
})

function questionOf(body: unknown, authorization: string | undefined): OpenAiQuestion {
  const { model, messages, max_tokens: maxTokens } = completionRequest.parse(body)
  const prompt = messages.map(({ content }) => content).join('\n')
  return { model, prompt, maxTokens: maxTokens ?? null, authorization: authorization ?? null }
}

function play(step: OpenAiStep, question: OpenAiQuestion, response: ServerResponse): void {
  switch (step.kind) {
    case 'answer':
      return send(response, 200, completionBody(question, step.text))
    case 'status':
      return send(response, step.status, errorBody('server_error', null, 'The engine is currently overloaded.'))
    case 'wrong-model': {
      const message = `The model \`${question.model}\` does not exist or you do not have access to it.`
      return send(response, 404, errorBody('invalid_request_error', 'model_not_found', message))
    }
    case 'malformed':
      return send(response, 200, '{"id": "chatcmpl-')
    case 'body':
      return send(response, 200, step.body)
    case 'cut': {
      const body = completionBody(question, 'never read to its end')
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      response.write(body.slice(0, 40), () => response.destroy())
      return
    }
    case 'hang':
  }
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(body)
}

/** https://platform.openai.com/docs/api-reference/chat/object */
function completionBody({ model, prompt }: OpenAiQuestion, text: string): string {
  const prompt_tokens = countTokens(prompt)
  const completion_tokens = countTokens(text)
  return JSON.stringify({
    id: `chatcmpl-${crypto.randomUUID().replaceAll('-', '')}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: text, refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
    system_fingerprint: null,
  })
}

/** https://platform.openai.com/docs/guides/error-codes */
function errorBody(type: string, code: string | null, message: string): string {
  return JSON.stringify({ error: { message, type, param: null, code } })
}

/** A word counts as one. */
function countTokens(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length
}
