import { coarseNetworkOf } from '../../../platform/identity/address-network.js'
import type { AuditAction, AuditLog, ShownEntry } from './audit.js'
import { deviceName } from './device-name.js'

/** A way to prove who one is, as it is told to people. */
export type LoginMethod = 'PASSWORD' | 'CODE' | 'SMS' | 'PASSKEY' | 'PROVIDER'

/** A sign-in, or a try at one that was refused. */
export interface Login {
  /** Its place in the audit log. */
  readonly id: string
  readonly at: Date
  readonly succeeded: boolean
  readonly methods: readonly LoginMethod[]
  readonly deviceName: string
  /** Null where it is not known. */
  readonly network: string | null
}

export interface LoginHistoryDependencies {
  readonly auditLog: AuditLog
  readonly now: () => Date
}

const ACTIONS: readonly AuditAction[] = ['session.opened', 'session.refused']
const SHOWN_MS = 180 * 86_400_000 // to find what one did not do; the audit log goes on

const told: Readonly<Record<string, LoginMethod>> = {
  pwd: 'PASSWORD',
  otp: 'CODE',
  sms: 'SMS',
  pop: 'PASSKEY',
  fed: 'PROVIDER',
  password: 'PASSWORD',
  code: 'CODE',
  provider: 'PROVIDER',
}

/** Who signed in to an account or tried to, read out of the audit log: nothing about anybody is stored twice. */
export function createLoginHistory({ auditLog, now }: LoginHistoryDependencies) {
  /** Newest first, below a place in the log where one is given. */
  return async (userId: string, before: number | null, limit: number): Promise<readonly Login[]> => {
    const since = new Date(now().getTime() - SHOWN_MS)
    const entries = await auditLog.list({ subjectId: userId, actions: ACTIONS, since }, before, limit)
    return entries.map(loginOf)
  }
}

export type LoginHistory = ReturnType<typeof createLoginHistory>

function loginOf({ sequence, at, action, userAgent, ipAddress, details }: ShownEntry): Login {
  return {
    id: String(sequence),
    at,
    succeeded: action === 'session.opened',
    methods: methodsIn(details),
    deviceName: deviceName(userAgent),
    network: coarseNetworkOf(ipAddress),
  }
}

/** Of an opened session its methods, of a refused one why it was. */
function methodsIn({ methods, reason }: ShownEntry['details']): readonly LoginMethod[] {
  const named = Array.isArray(methods) ? methods : [reason]
  return named.flatMap((name) => {
    if (typeof name !== 'string') return []
    return name.startsWith('passkey-') ? 'PASSKEY' : (told[name] ?? [])
  })
}
