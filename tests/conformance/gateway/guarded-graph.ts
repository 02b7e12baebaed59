import type { TestSubgraphDefinition } from '../../support/test-subgraphs.js'

/* A clinic whose graph carries every access directive, in places of every kind. */

const link = /* GraphQL */ `
  extend schema
    @link(
      url: "https://specs.apollo.dev/federation/v2.9"
      import: [
        "@key"
        "@shareable"
        "@authenticated"
        "@requiresScopes"
        { name: "@policy", as: "@rule" }
        "@composeDirective"
        "@interfaceObject"
      ]
    )
    @link(url: "https://house.example/specs/requiresAcr/v1.0", import: ["@requiresAcr"])
    @link(url: "https://house.example/specs/sensitive/v1.0", import: ["@sensitive"])
    @composeDirective(name: "@requiresAcr")
    @composeDirective(name: "@sensitive")

  directive @requiresAcr(acr: String!, maxAgeSeconds: Int) repeatable on FIELD_DEFINITION | OBJECT | ENUM | SCALAR
  directive @sensitive on FIELD_DEFINITION | OBJECT | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION
`

const patients = [
  { id: 'p1', name: 'Ada', history: 'measles', insurance: { number: 'N-1' } },
  { id: 'p2', name: 'Grace', history: 'none', insurance: null },
]

const records: TestSubgraphDefinition = {
  typeDefs: /* GraphQL */ `
    ${link}
    type Query {
      greeting: String!
      patients: [Patient!]!
      patient(id: ID!): Patient
      staffOnly: String! @authenticated
      ledger: Ledger
      ward: Ward @rule(policies: [["on-duty", "vaccinated"], ["chief"]])
      vault: String @requiresAcr(acr: "high", maxAgeSeconds: 300)
      vaultOfClerks: String @requiresAcr(acr: "high") @requiresScopes(scopes: [["clerk"]])
      things: [Thing!]!
      named: [Named!]!
      login(pin: String @sensitive): String
      file(form: Form): String
      diary: String @sensitive
    }
    type Mutation {
      rename(id: ID!, name: String!): Patient @requiresScopes(scopes: [["patient:write"]])
      ping: String!
    }
    input Form {
      page: Page
    }
    input Page {
      text: String @sensitive
      form: Form
    }
    type Patient @key(fields: "id") {
      id: ID!
      name: String!
      history: String! @requiresScopes(scopes: [["patient:read", "history:read"], ["admin"]])
      insurance: Insurance
      mood: Mood
      blood: BloodGroup
      strict: String @authenticated @requiresScopes(scopes: [["admin"]])
    }
    type Insurance @authenticated {
      number: String!
    }
    type Ledger @requiresScopes(scopes: [["ledger:read"]]) {
      total: Int!
    }
    type Ward {
      beds: Int!
    }
    scalar Mood @authenticated
    enum BloodGroup @authenticated {
      A
      B
    }
    union Thing = Bed | Drug
    interface Named {
      name: String!
      note: String
    }
    type Bed implements Named {
      name: String!
      note: String
      place: String!
    }
    type Drug implements Named {
      name: String!
      note: String @requiresAcr(acr: "high")
      dose: Int! @requiresAcr(acr: "high")
    }
  `,
  resolvers: {
    Query: {
      greeting: () => 'Good day',
      patients: () => patients,
      patient: (_parent: unknown, { id }: { id: string }) => patients.find((patient) => patient.id === id),
      staffOnly: () => 'coffee',
      ledger: () => ({ total: 7 }),
      ward: () => ({ beds: 3 }),
      vault: () => 'gold',
      vaultOfClerks: () => 'paper',
      things: () => [
        { __typename: 'Bed', name: 'Bed 1', place: 'window' },
        { __typename: 'Drug', name: 'Aspirin', dose: 100 },
      ],
      named: () => [{ __typename: 'Bed', name: 'Bed 1', note: 'soft', place: 'window' }],
      login: () => 'welcome',
      file: () => 'filed',
      diary: () => 'Dear diary',
    },
    Mutation: {
      rename: (_parent: unknown, { id, name }: { id: string; name: string }) => ({ ...patients[0], id, name }),
      ping: () => 'pong',
    },
    Patient: {
      __resolveReference: ({ id }: { id: string }) => patients.find((patient) => patient.id === id) ?? null,
      mood: () => 'calm',
      blood: () => 'A',
      strict: () => 'strict',
    },
  },
}

const visits: TestSubgraphDefinition = {
  typeDefs: /* GraphQL */ `
    ${link}
    type Patient @key(fields: "id") {
      id: ID!
      visits: [Visit!]! @authenticated
    }
    type Visit {
      day: String!
      doctor: String! @requiresScopes(scopes: [["doctor:read"]])
    }
  `,
  resolvers: { Patient: { visits: () => [{ day: 'Monday', doctor: 'House' }] } },
}

const events: TestSubgraphDefinition = {
  url: 'nats://events',
  typeDefs: /* GraphQL */ `
    ${link}
    type Subscription {
      calls: Call! @authenticated
    }
    type Call {
      text: String!
    }
  `,
}

export const guardedGraph = { records, visits, events }
