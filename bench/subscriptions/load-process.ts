/** A part of the clients, in a process of its own. It is told what to do by messages, and tells how many deliveries it had. */
import { z } from 'zod'
import { openLoadSockets, type LoadSockets } from './load-sockets.js'
import { ways } from './open-stream.js'

const loadOrder = z.discriminatedUnion('do', [
  z.object({ do: z.literal('open'), port: z.number(), way: z.enum(ways), from: z.number(), count: z.number() }),
  z.object({ do: z.literal('sample'), on: z.boolean() }),
  z.object({ do: z.literal('figures') }),
  z.object({ do: z.literal('close') }),
])

let sockets: LoadSockets | undefined
let isTelling = false
const tell = (message: unknown) => process.send?.(message)
const onDelivered = () => {
  if (isTelling) return
  isTelling = true
  setImmediate(() => {
    isTelling = false
    tell({ told: 'delivered', total: sockets?.figures().delivered ?? 0 })
  })
}

process.on('message', (message) => {
  const order = loadOrder.parse(message)
  if (order.do === 'open') {
    openLoadSockets(order, onDelivered).then(
      (opened) => {
        sockets = opened
        tell({ told: 'done' })
      },
      (error: unknown) => tell({ told: 'failed', why: String(error) }),
    )
  } else if (order.do === 'sample') tell({ told: 'samples', samples: sockets?.sample(order.on) ?? [] })
  else if (order.do === 'figures') tell({ told: 'figures', figures: sockets?.figures() })
  else {
    sockets?.close()
    sockets = undefined
    tell({ told: 'done' })
  }
})
