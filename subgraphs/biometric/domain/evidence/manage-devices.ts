import { AppError } from '../../../../platform/errors/app-error.js'
import type { CaptureDevice } from './capture-device.js'

/** Each change tells the audit log who made it. */
export interface CaptureDeviceChanges {
  add(device: CaptureDevice, by: string): Promise<void>
  /** Null where there is no such device; disabling again changes nothing. */
  disable(id: string, by: string, now: Date): Promise<CaptureDevice | null>
}

interface ManageParts {
  readonly devices: CaptureDeviceChanges
  readonly now: () => Date
}

export type NewCaptureDevice = Pick<CaptureDevice, 'kind' | 'model' | 'publicKey'>

/** How capture devices come and go. Whoever calls has checked permissions and that the sign-in is fresh. */
export function createManageDevices({ devices, now }: ManageParts) {
  return {
    async register(described: NewCaptureDevice, by: string): Promise<CaptureDevice> {
      const device = { ...described, id: crypto.randomUUID(), registeredAt: now(), disabledAt: null }
      await devices.add(device, by)
      return device
    },
    /** Nothing it signs counts from then on. Throws RES_NOT_FOUND. */
    async disable(id: string, by: string): Promise<CaptureDevice> {
      const device = await devices.disable(id, by, now())
      if (device === null) throw new AppError('RES_NOT_FOUND')
      return device
    },
  }
}
