import { z } from 'zod'
import { SmsRefusedError, SmsUnavailableError, type Sms, type SmsSender } from './sms.js'

export interface HttpSmsSenderOptions {
  /** Where messages are posted: https, or http on the own machine. */
  readonly url: string
  /** Sent as `Authorization: Bearer`; null for a gateway that asks for none. */
  readonly token: string | null
  /** What messages come from: a number, or a name where the network allows one. Null leaves it to the gateway. */
  readonly from: string | null
  /** How long a gateway may take, answer and all, in milliseconds. */
  readonly patienceMs?: number
}

const PATIENCE_MS = 10_000
const MOST_CHARACTERS = 16_384 // an answer is an id
const REFUSED_FOR_GOOD = [400, 404, 410, 422] // what is wrong with a message; of 401, 403, 429 the operator is at fault

const taken = z.object({ id: z.string().min(1).max(200) })

/**
 * Text messages by a gateway that takes JSON: `POST {"id", "to", "text", "from"?}` with `Idempotency-Key: <id>`, answered by a
 * status of 2xx and `{"id": "..."}`. An adapter of some lines in front of a carrier speaks this; docs/accounts.md has the whole of it.
 */
export function createHttpSmsSender({ url, token, from, patienceMs = PATIENCE_MS }: HttpSmsSenderOptions): SmsSender {
  const post = async ({ id, to, text }: Sms) => {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'error', // the token goes nowhere else
      signal: AbortSignal.timeout(patienceMs),
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'idempotency-key': id,
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ id, to, text, ...(from !== null && { from }) }),
    })
    return { status: response.status, body: await readAtMost(response, MOST_CHARACTERS) }
  }
  return {
    engine: 'http',
    async send(sms) {
      const { status, body } = await post(sms).catch(() => {
        throw new SmsUnavailableError() // not the cause: it names the gateway's address
      })
      if (REFUSED_FOR_GOOD.includes(status)) throw new SmsRefusedError({ cause: { status } })
      if (status < 200 || status > 299 || !isTaken(body)) throw new SmsUnavailableError({ cause: { status } })
    },
  }
}

async function readAtMost(response: Response, most: number): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > most) throw new TypeError('The gateway answers with too much.')
  }
  return text
}

function isTaken(body: string): boolean {
  try {
    return taken.safeParse(JSON.parse(body)).success
  } catch {
    return false
  }
}
