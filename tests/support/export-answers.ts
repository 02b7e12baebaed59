/**
 * The other services of an export, played: what they are asked, and what they answer. In: the bus. Out: requests of an export
 * in their order, and answers sealed as services seal them, or spoilt on their way.
 */
import type { z } from 'zod'
import type { Bus } from '../../platform/bus/bus.js'
import { createEventRow } from '../../platform/bus/event-row.js'
import { cutLines, type ExportLine } from '../../platform/personal-data/export-lines.js'
import { sealPart } from '../../platform/personal-data/sealed-parts.js'
import { userExportPart } from '../../schema/contracts/user-export-part.js'
import { userExportRequested } from '../../schema/contracts/user-export-requested.js'

type Part = z.infer<typeof userExportPart.data>
type Request = z.infer<typeof userExportRequested.data>

/** What services were asked so far, in order. */
export async function exportRequests(bus: Bus, exportId: string): Promise<Request[]> {
  const follower = await bus.follow(userExportRequested.filter, 'all')
  const requests: Request[] = []
  try {
    let left = follower.backlog
    if (left === 0) return requests
    for await (const { envelope } of follower) {
      const data = userExportRequested.data.parse(envelope.data)
      if (data.exportId === exportId) requests.push(data)
      left -= 1
      if (left === 0) break
    }
    return requests
  } finally {
    await follower.close()
  }
}

/** The parts of one answer. */
export async function sealAnswer(
  { exportId, publicKey }: Pick<Request, 'exportId' | 'publicKey'>,
  service: string,
  lines: Iterable<ExportLine> | AsyncIterable<ExportLine>,
): Promise<Part[]> {
  const answerId = crypto.randomUUID()
  const parts: Part[] = []
  for await (const { bytes, isLast } of cutLines(lines)) {
    const number = parts.length + 1
    const sealed = await sealPart(bytes, { exportId, service, answerId, number }, publicKey)
    parts.push({ exportId, service, answerId, number, total: isLast ? number : null, sealed })
  }
  return parts
}

export async function sendParts(bus: Bus, parts: readonly Part[]): Promise<void> {
  for (const part of parts) {
    const { subject, envelope } = createEventRow(userExportPart, part)
    await bus.publish(subject, envelope)
  }
}
