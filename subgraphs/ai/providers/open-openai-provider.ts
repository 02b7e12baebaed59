/**
 * A provider that speaks OpenAI's wire format, which most of them do (https://platform.openai.com/docs/api-reference/chat).
 * In: its address and key. Out: answers to one question each. It refuses to follow redirects, to read more than an answer
 * can be long, and to let the key or what the provider says about an error get anywhere.
 */
import { Agent, request } from 'undici'
import { z } from 'zod'
import { AppError } from '../../../platform/errors/app-error.js'
import type { AiProvider, ModelQuestion, ModelReply } from '../domain/ai-provider.js'

export interface OpenAiProviderOptions {
  /** What comes before `/chat/completions`. */
  readonly baseUrl: string
  readonly apiKey: string | null
  /** For one try, from the first byte sent to the last one read. */
  readonly timeoutMs: number
}

export interface OpenAiProvider extends AiProvider {
  close(): Promise<void>
}

const LARGEST_ANSWER = 4 * 1024 * 1024 // 32,768 tokens are about 200 kB; some providers add their reasoning

export function openOpenAiProvider({ baseUrl, apiKey, timeoutMs }: OpenAiProviderOptions): OpenAiProvider {
  const url = `${baseUrl.replace(/\/+$/, '')}/chat/completions`
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json',
    ...(apiKey !== null && { authorization: `Bearer ${apiKey}` }),
  }
  // a model thinks for a minute before its first byte: the only limit is the one of the whole try
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, maxResponseSize: LARGEST_ANSWER })

  const post = async (question: ModelQuestion, signal: AbortSignal): Promise<string> => {
    const response = await request(url, { method: 'POST', headers, body: bodyOf(question), dispatcher, signal })
    if (response.statusCode === 200) return response.body.text()
    await response.body.dump()
    throw new AppError(response.statusCode === 404 ? 'AI_MODEL_NOT_FOUND' : 'AI_REQUEST_FAILED', {
      cause: new Error(`The provider answered with status ${response.statusCode}.`),
    })
  }

  return {
    async complete(question, signal) {
      const timeout = AbortSignal.timeout(timeoutMs)
      try {
        return replyOf(await post(question, AbortSignal.any([signal, timeout])))
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof AppError) throw error
        throw new AppError(timeout.aborted ? 'AI_TIMEOUT' : 'AI_REQUEST_FAILED', { cause: error })
      }
    },
    close: () => dispatcher.destroy(),
  }
}

/** No temperature: providers know best what suits a model, and some models take only one. */
function bodyOf({ model, prompt, maxTokens }: ModelQuestion): string {
  return JSON.stringify({ model, messages: [{ role: 'user', content: prompt }], max_tokens: maxTokens, stream: false })
}

const tokens = z.int().min(0).max(2_147_483_647)

// Postgres has no U+0000 in its texts
const content = z
  .string()
  .min(1)
  .refine((text) => !text.includes('\0'))

const completion = z.object({
  choices: z.tuple([z.object({ message: z.object({ content }) })], z.unknown()),
  usage: z.object({ prompt_tokens: tokens, completion_tokens: tokens }).nullish(),
})

function replyOf(body: string): ModelReply {
  const { choices, usage } = parseCompletion(body)
  return {
    text: choices[0].message.content,
    promptTokens: usage?.prompt_tokens ?? null,
    completionTokens: usage?.completion_tokens ?? null,
  }
}

function parseCompletion(body: string): z.infer<typeof completion> {
  try {
    return completion.parse(JSON.parse(body))
  } catch (error) {
    // the parser's own words would carry a piece of the answer into the log
    const cause = error instanceof z.ZodError ? error.issues.map(({ path }) => path.join('.')) : 'not JSON'
    throw new AppError('AI_INVALID_RESPONSE', {
      cause: new Error(`The provider's answer does not fit: ${String(cause)}.`),
    })
  }
}
