import { CloseCode } from 'graphql-ws'

/** How a connection is ended by the door. docs/live-streams.md has them as a table, which a test compares. */
export interface WebSocketClosure {
  readonly code: number
  /** What is sent with the code; for some a code of an error in its place. */
  readonly reason: string
  readonly when: string
}

/** Codes of graphql-transport-ws, and where it has none those of RFC 6455 and its registry. */
export const webSocketClosures = {
  outOfProtocol: {
    code: CloseCode.BadRequest,
    reason: 'Invalid message received',
    when: 'A message is not of the protocol, is binary, or has an id of more than 128 characters',
  },
  notAdmitted: {
    code: CloseCode.Unauthorized,
    reason: 'Unauthorized',
    when: 'An operation or a token came before `connection_ack`',
  },
  forbidden: {
    code: CloseCode.Forbidden,
    reason: 'AUTHZ_FORBIDDEN',
    when: "The token was not accepted, is somebody else's, or ended and was not replaced in time; the reason is the error's code",
  },
  otherProtocol: {
    code: CloseCode.SubprotocolNotAcceptable,
    reason: 'Subprotocol not acceptable',
    when: 'The client does not offer `graphql-transport-ws`',
  },
  initTimeout: {
    code: CloseCode.ConnectionInitialisationTimeout,
    reason: 'Connection initialisation timeout',
    when: 'Nobody said who they are within 10 s',
  },
  idInUse: {
    code: CloseCode.SubscriberAlreadyExists,
    reason: 'Subscriber for this id already exists',
    when: 'An operation has the id of one that runs',
  },
  secondInit: {
    code: CloseCode.TooManyInitialisationRequests,
    reason: 'Too many initialisation requests',
    when: 'A second `connection_init`',
  },
  fault: {
    code: CloseCode.InternalServerError,
    reason: 'INT_INTERNAL_ERROR',
    when: 'A fault on our side',
  },
  tooManyMessages: {
    code: 1008,
    reason: 'RATE_LIMIT_EXCEEDED',
    when: 'More messages, or pings, than `maxMessagesPerSecond` allows',
  },
  goElsewhere: {
    code: 1012,
    reason: '{"retryMs":1234}',
    when: 'The gateway stops: connect again after so many milliseconds, to whichever replica answers, and resume',
  },
  tryAgainLater: {
    code: 1013,
    reason: 'INT_EXTERNAL_SERVICE_ERROR',
    when: "The token can't be verified just now; the reason is the error's code",
  },
} as const satisfies Record<string, WebSocketClosure>
