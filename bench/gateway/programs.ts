import { z } from 'zod'

const addresses = z.object({
  port: z.number(),
  urls: z.object({ accounts: z.url(), products: z.url(), reviews: z.url(), inventory: z.url() }),
})

/** What every program under measurement is told as its first argument: where to listen, where its subgraphs are. */
export type Addresses = z.output<typeof addresses>

/** Throws when the program was not started by the bench. */
export function readAddresses(argument = process.argv[2]): Addresses {
  return addresses.parse(JSON.parse(argument ?? 'null'))
}
