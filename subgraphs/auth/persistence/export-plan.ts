import { machineTablesWithheld, type ExportPlan } from '../../../platform/personal-data/export-plan.js'

const SECRET = 'a secret, or what recognises one'
const THEIRS = { account_id: 'theirs' }
const OWN = 'account_id = $1::uuid'

/** What this service gives out to a person about themselves. No hash, secret or token, nor what would recognise one. */
export const exportPlan: ExportPlan = {
  ...machineTablesWithheld,
  accounts: {
    section: 'account',
    give: [
      ...['id', 'email', 'role', 'has_password', 'email_verified_at', 'last_login_at', 'created_at', 'updated_at'],
      ...['locked_at', 'deleted_at'],
    ],
    withhold: {
      email_key: 'the address again, or the number of `phone`',
      password_hash: SECRET,
      password_version: 'a counter of the machine',
    },
    whose: 'id = $1::uuid',
    orderBy: 'id',
  },
  sessions: {
    section: 'sessions',
    give: [
      ...['id', 'methods', 'authenticated_at', 'user_agent', 'ip_address', 'created_at', 'last_seen_at', 'expires_at'],
      ...['ends_at', 'ended_at'],
    ],
    withhold: THEIRS,
    whose: OWN,
    orderBy: 'created_at, id',
  },
  totp_factors: {
    section: 'authenticator-apps',
    give: ['created_at', 'confirmed_at'],
    withhold: { ...THEIRS, sealed_secret: SECRET, last_step: 'which code was used last' },
    whose: OWN,
    orderBy: 'account_id',
  },
  passkeys: {
    section: 'passkeys',
    give: ['id', 'name', 'transports', 'is_backup_eligible', 'is_backed_up', 'created_at', 'last_used_at'],
    withhold: { ...THEIRS, credential_id: SECRET, public_key: SECRET, counter: 'how a copied key is found out' },
    whose: OWN,
    orderBy: 'created_at, id',
  },
  phones: {
    section: 'phone',
    give: ['number', 'confirmed_at'],
    withhold: THEIRS,
    whose: OWN,
    orderBy: 'account_id',
  },
  sms_codes: {
    section: 'text-messages',
    give: ['purpose', 'number', 'ip_address', 'created_at', 'expires_at', 'used_at'],
    withhold: {
      ...THEIRS,
      id: SECRET,
      network: 'a part of the address',
      registration_id: 'the account before there was one',
      due_at: 'work under way',
      attempts: 'work under way',
      tries: 'how guessing is limited',
    },
    whose: OWN,
    orderBy: 'created_at, id',
  },
  linked_identities: {
    section: 'linked-identities',
    give: ['id', 'issuer', 'subject', 'created_at', 'last_used_at'],
    withhold: THEIRS,
    whose: OWN,
    orderBy: 'created_at, id',
  },
  security_mails: {
    section: 'security-mails',
    give: ['id', 'kind', 'created_at'],
    withhold: { ...THEIRS, minute: 'the time again', due_at: 'work under way', attempts: 'work under way' },
    whose: OWN,
    orderBy: 'created_at, id',
  },
  audit_entries: {
    section: 'security-log',
    give: ['at', 'action'],
    withhold: {
      sequence: 'how much others do',
      actor: 'who acted may be another person',
      subject: 'theirs',
      sealed_details: 'may tell of other people',
      previous_hash: 'seals of the chain',
      hash: 'seals of the chain',
    },
    whose: 'subject IN (SELECT pseudonym FROM audit_people WHERE user_id = $1::uuid)',
    orderBy: 'sequence',
  },
  audit_people: { withhold: 'a pseudonym and a secret key' },
  refresh_tokens: { withhold: SECRET },
  former_passwords: { withhold: SECRET },
  one_time_links: { withhold: SECRET },
  recovery_codes: { withhold: SECRET },
  mail_requests: { withhold: 'addresses somebody asked a mail for, for seconds' },
  phone_registrations: { withhold: 'accounts that are not there yet, for half an hour' },
  mfa_challenges: { withhold: SECRET },
  passkey_challenges: { withhold: SECRET },
  provider_sign_ins: { withhold: SECRET },
  signing_keys: { withhold: 'keys of the house' },
  service_clients: { withhold: 'programs, not people' },
  service_client_secrets: { withhold: 'programs, not people' },
}
