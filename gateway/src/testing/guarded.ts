import { FEDERATION, type TestSubgraph } from './subgraphs.ts';

/** Every value that takes scopes has this in it, and every one that takes an identity alone the other. */
export const SECRET = 'TOP-SECRET';
export const MEMBERS = 'MEMBERS-ONLY';

const items = [
  { __typename: 'Open', id: 'i1', title: 'one', body: 'text', owner: 'u1', note: 'n' },
  {
    __typename: 'Sealed',
    id: 'i2',
    title: `${MEMBERS} title`,
    body: `${MEMBERS} body`,
    owner: 'u1',
    seal: `${MEMBERS} seal`,
  },
  { __typename: 'Partly', id: 'i3', title: 'three', body: `${SECRET} partly`, owner: 'u2' },
];
const users = [
  { __typename: 'User', id: 'u1', name: 'Ada', ssn: `${MEMBERS} 1`, weight: `${SECRET} 60`, next: 'u2' },
  { __typename: 'User', id: 'u2', name: 'Ben', ssn: `${MEMBERS} 2`, weight: `${SECRET} 70`, next: 'u1' },
];
const itemOf = ({ id }: { id: string }) => items.find((item) => item.id === id);
const userOf = ({ id, ssn }: { id?: string; ssn?: string }) =>
  users.find((user) => (ssn === undefined ? user.id === id : user.ssn === ssn));
const itemFields = {
  __resolveReference: itemOf,
  owner: ({ owner }: { owner: string }) => userOf({ id: owner }),
  related: () => items,
};

/** Protected fields, types, scalars and enums of every kind, over several subgraphs. */
export const guarded: TestSubgraph[] = [
  {
    name: 'items',
    typeDefs: `${FEDERATION}
      type Query {
        me: User
        users: [User!]
        items: [Item]
        strictItems: [Item!]
        item(id: ID!): Item
        found: [Found]
        vault: Vault
        code: Code
        level: Level
        secret(hint: String, dig: Dig): String @requiresScopes(scopes: [["read", "secrets"], ["admin"]])
        strict: String! @authenticated
        open(text: String): String
      }
      input Dig { deep: Int }
      type Mutation {
        note(text: String): String
        wipe(text: String): String @requiresScopes(scopes: [["admin"]])
        unseal: Unsealed
        openVault: Vault
      }
      scalar Code @authenticated
      enum Level @requiresScopes(scopes: [["level"]]) { HIGH }
      type Vault @requiresScopes(scopes: [["admin"]]) { gold: String, of: User }
      type User @key(fields: "id") @key(fields: "ssn") {
        id: ID!
        name: String!
        ssn: String! @authenticated
        weight: String @requiresScopes(scopes: [["weight"]])
        next: User
        strictWeight: String! @requiresScopes(scopes: [["weight"]])
      }
      interface Item @key(fields: "id") { id: ID!, title: String, body: String, owner: User, related: [Item] }
      type Open implements Item @key(fields: "id") {
        id: ID!, title: String, body: String, owner: User, related: [Item], note: String
      }
      type Sealed implements Item @key(fields: "id") @authenticated {
        id: ID!, title: String, body: String, owner: User, related: [Item], seal: String
      }
      type Partly implements Item @key(fields: "id") {
        id: ID!, title: String, body: String @requiresScopes(scopes: [["body"]]), owner: User, related: [Item]
      }
      union Found = Open | Sealed | Partly | User
      union Unsealed = Sealed | Opened
      type Opened @authenticated { by: String }`,
    resolvers: {
      Query: {
        me: () => users[0],
        users: () => users,
        items: () => items,
        strictItems: () => items,
        item: (_parent: unknown, args: { id: string }) => itemOf(args),
        found: () => [...items, ...users],
        vault: () => ({ gold: SECRET }),
        code: () => MEMBERS,
        level: () => 'HIGH',
        secret: () => SECRET,
        strict: () => MEMBERS,
        open: (_parent: unknown, { text }: { text: string }) => text,
      },
      Mutation: {
        note: (_parent: unknown, { text }: { text: string }) => text,
        wipe: () => SECRET,
        unseal: () => items[1],
        openVault: () => ({ gold: SECRET }),
      },
      User: {
        __resolveReference: userOf,
        next: ({ next }: { next: string }) => userOf({ id: next }),
        strictWeight: ({ weight }: { weight: string }) => weight,
      },
      Vault: { of: () => users[0] },
      Item: { __resolveReference: itemOf, __resolveType: ({ __typename }: { __typename: string }) => __typename },
      Open: itemFields,
      Sealed: itemFields,
      Partly: itemFields,
      Found: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
      Unsealed: { __resolveType: () => 'Sealed' },
    },
  },
  {
    name: 'extras',
    typeDefs: `${FEDERATION}
      type Query { popular: [Item] }
      type Item @key(fields: "id") @interfaceObject {
        id: ID!
        views: Int
        rating: String @requiresScopes(scopes: [["rating"]])
      }
      type User @key(fields: "id") @context(name: "user") {
        id: ID!
        weight: String @external
        "Composition wants the requirement repeated; a supergraph that lacks it leaks nothing either."
        postage: String @requires(fields: "weight") @requiresScopes(scopes: [["weight"]])
        parcel: Parcel
      }
      type Parcel @key(fields: "id") {
        id: ID!
        label(weight: String @fromContext(field: "$user { weight }")): String @requiresScopes(scopes: [["weight"]])
      }`,
    resolvers: {
      Query: { popular: () => items.map(({ id }) => ({ id })) },
      Item: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        views: () => 7,
        rating: () => SECRET,
      },
      User: {
        __resolveReference: (user: object) => user,
        postage: ({ weight }: { weight: string }) => `postage of ${weight}`,
        parcel: ({ id }: { id: string }) => ({ id }),
      },
      Parcel: {
        __resolveReference: (parcel: object) => parcel,
        label: (_parent: unknown, { weight }: { weight: string }) => `label for ${weight}`,
      },
    },
  },
  {
    name: 'profiles',
    typeDefs: `${FEDERATION}
      type Query { profiles: Int }
      type User @key(fields: "ssn") {
        ssn: String!
        nick: String
        postage: String @external
        doublePostage: String @requires(fields: "postage") @requiresScopes(scopes: [["weight"]])
      }`,
    resolvers: {
      Query: { profiles: () => 1 },
      User: {
        __resolveReference: (user: object) => user,
        nick: () => 'nick',
        doublePostage: ({ postage }: { postage: string }) => `twice ${postage}`,
      },
    },
  },
  {
    name: 'live',
    url: 'pubsub:live',
    typeDefs: `
      extend schema
        @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective", "@requiresScopes"])
        @link(url: "https://example.test/topic/v1.0", import: ["@topic"])
        @composeDirective(name: "@topic")
      directive @topic(pubsub: String!, names: [String!]!, filter: String, public: Boolean! = false) on FIELD_DEFINITION
      type Subscription {
        changed: Changed @topic(pubsub: "shop", names: ["changed"], public: true)
        watched: Changed @topic(pubsub: "shop", names: ["watched"], public: true) @requiresScopes(scopes: [["watch"]])
      }
      type Changed { id: ID!, by: String @requiresScopes(scopes: [["watch"]]), user: User }
      type User @key(fields: "id", resolvable: false) { id: ID! }`,
  },
];

/** The supergraph as it would be if nobody had repeated requirements on the fields that are computed from others. */
export function withoutRepeatedScopes(supergraphSdl: string): string {
  return supergraphSdl.replace(
    /^( +(?:postage|doublePostage|label).*) @requiresScopes\(scopes: \[\["weight"\]\]\)/gm,
    '$1',
  );
}
