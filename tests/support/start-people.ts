/**
 * The user subgraph with people in it. In: nothing. Out: people with access tokens, and what happens to them in other services.
 * Every event comes twice, as after a lost acknowledgement.
 */
import type { Bus } from '../../platform/bus/bus.js'
import type { EventContract } from '../../platform/bus/event-contract.js'
import { createEventRow } from '../../platform/bus/event-row.js'
import { accountChanged } from '../../schema/contracts/account-changed.js'
import { userRegistered } from '../../schema/contracts/user-registered.js'
import { openUserService } from '../../subgraphs/user/service.js'
import { userConfig } from './user-config.js'
import { startSubgraph, type Answer, type StartedSubgraph } from './start-subgraph.js'

export interface TestPerson {
  readonly id: string
  readonly token: string
  ask(query: string, variables?: Record<string, unknown>): Promise<Answer>
}

export interface StartedPeople {
  readonly subgraph: StartedSubgraph
  /** Somebody with an access token, who has not been heard of. */
  stranger(roles?: readonly string[]): Promise<TestPerson>
  /** Somebody whose registration has arrived, and what auth says of their account. */
  person(displayName?: string, roles?: readonly string[]): Promise<TestPerson>
  /** Publishes an event and waits until it has been delivered, and delivered again. */
  happened<Data>(contract: EventContract<Data>, data: Data, now?: Date): Promise<void>
  close(): Promise<void>
}

/** `clock` is the service's; the machine's unless given. */
export async function startPeople(clock?: () => Date): Promise<StartedPeople> {
  const waiting = new Map<string, () => void>()
  const subgraph = await startSubgraph({
    open: (engines) => openUserService(userConfig, engines, clock),
    wrapBus: (bus) => deliveringTwice(bus, waiting),
  })
  const happened: StartedPeople['happened'] = async (contract, data, now = new Date()) => {
    const { id, subject, envelope } = createEventRow(contract, data, { now })
    const done = new Promise<void>((resolve) => waiting.set(id, resolve))
    await subgraph.engines.bus.publish(subject, envelope)
    await done
  }
  const stranger: StartedPeople['stranger'] = async (roles = ['user']) => {
    const id = crypto.randomUUID()
    const token = await subgraph.issuer.token({ userId: id, roles })
    return { id, token, ask: (query, variables) => subgraph.ask(query, variables, token) }
  }
  return {
    subgraph,
    happened,
    stranger,
    async person(displayName = 'Ada Lovelace', roles = ['user']) {
      const somebody = await stranger(roles)
      await happened(userRegistered, { userId: somebody.id, displayName })
      const [role = 'user'] = accountChanged.data.shape.role.array().parse(roles)
      const account = { userId: somebody.id, revision: 1, role, emailVerified: true, mfaEnabled: false }
      await happened(accountChanged, account)
      return somebody
    },
    close: () => subgraph.close(),
  }
}

function deliveringTwice(bus: Bus, waiting: ReadonlyMap<string, () => void>): Bus {
  return {
    ...bus,
    consume: (options) =>
      bus.consume({
        ...options,
        async handle(envelope, delivery) {
          await options.handle(envelope, delivery)
          await options.handle(envelope, { ...delivery, attempt: 2 })
          waiting.get(envelope.id)?.()
        },
      }),
  }
}

export function codes(answer: Answer): readonly string[] {
  return answer.errors.map(({ extensions }) => extensions.code)
}
