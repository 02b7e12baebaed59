import { writeToOutbox } from '../../../platform/bus/outbox.js'
import type { CaptureDevice } from '../domain/evidence/capture-device.js'
import type { CaptureDeviceChanges } from '../domain/evidence/manage-devices.js'
import { administeredEvent } from '../events/biometric-events.js'
import { deviceKey } from '../evidence/device-key.js'
import type { CaptureDevice as Row } from '../generated/prisma/client.js'
import type { BiometricPrisma, Transact } from './biometric-prisma.js'

export interface PrismaCaptureDevices extends CaptureDeviceChanges {
  find(id: string): Promise<CaptureDevice | null>
  /** Newest first. */
  list(most: number): Promise<CaptureDevice[]>
}

const toDevice = (row: Row): CaptureDevice => ({ ...row, publicKey: deviceKey.parse(row.publicKey) })

export function createPrismaCaptureDevices(prisma: BiometricPrisma, transact: Transact): PrismaCaptureDevices {
  return {
    add: (device, administratorId) =>
      transact(async (transaction) => {
        await transaction.captureDevice.create({ data: { ...device, publicKey: { ...device.publicKey } } })
        const told = { act: 'capture-device-registered', subjectId: device.id, administratorId } as const
        await writeToOutbox(transaction, administeredEvent(told, device.registeredAt))
      }),
    disable: (id, administratorId, now) =>
      transact(async (transaction) => {
        const { count } = await transaction.captureDevice.updateMany({
          where: { id, disabledAt: null },
          data: { disabledAt: now },
        })
        if (count > 0) {
          const told = { act: 'capture-device-disabled', subjectId: id, administratorId } as const
          await writeToOutbox(transaction, administeredEvent(told, now))
        }
        const row = await transaction.captureDevice.findUnique({ where: { id } })
        return row && toDevice(row)
      }),
    async find(id) {
      const row = await prisma.captureDevice.findUnique({ where: { id } })
      return row && toDevice(row)
    },
    async list(most) {
      const orderBy = [{ registeredAt: 'desc' as const }, { id: 'desc' as const }]
      return (await prisma.captureDevice.findMany({ orderBy, take: most })).map(toDevice)
    },
  }
}
