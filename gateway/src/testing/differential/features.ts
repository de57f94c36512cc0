import { FEDERATION, type TestSubgraph } from '../subgraphs.ts';

/** Small graphs, each of a feature that the museum has not, or has little of. */
export const features: Record<string, TestSubgraph[]> = {
  'arguments from a context': [
    {
      name: 'shelves',
      typeDefs: `${FEDERATION}
        type Query { shelves: [Shelf!]!, shelf: Shelf }
        type Shelf @key(fields: "id") @context(name: "shelf") { id: ID!, language: String, books: [Book!], next: Shelf }
        type Book @key(fields: "id") {
          id: ID!
          title(language: String @fromContext(field: "$shelf { language }")): String!
          author: Author
        }
        type Author @key(fields: "id") { id: ID! }`,
    },
    {
      name: 'authors',
      typeDefs: `${FEDERATION} type Query { authors: [Author] } type Author @key(fields: "id") { id: ID!, name: String! } type Book @key(fields: "id") { id: ID!, pages: Int! }`,
    },
  ],
  'requirements with arguments': [
    {
      name: 'rooms',
      typeDefs: `${FEDERATION}
        type Query { rooms: [Room!]!, stays: [Stay] }
        interface Stay { rate(currency: String = "EUR"): Int }
        type Room implements Stay @key(fields: "id") { id: ID!, beds: Int!, rate(currency: String = "EUR"): Int, floor: Floor, next: Room }
        type Floor { fee(currency: String): Int }`,
    },
    {
      name: 'desk',
      typeDefs: `${FEDERATION}
        type Query { desk: Int }
        type Room @key(fields: "id") {
          id: ID!
          beds: Int! @external
          rate(currency: String = "EUR"): Int @external
          floor: Floor @external
          quote: String @requires(fields: "rate beds")
          inDollars: String @requires(fields: "rate(currency: \\"USD\\") floor { fee(currency: \\"USD\\") }")
          inEuros: String! @requires(fields: "rate(currency: \\"EUR\\") floor { fee(currency: \\"EUR\\") }")
        }
        type Floor @external { fee(currency: String): Int }`,
    },
  ],
  'objects that several subgraphs answer in part': [
    {
      name: 'items',
      typeDefs: `${FEDERATION}
        type Query { items: [Item!]!, item(id: ID): Item, best: Item @shareable }
        type Item @key(fields: "id") { id: ID!, info: Info @shareable, parts: [Info!] @shareable, next: Item }
        type Info { weight: Int @shareable, owner: User @shareable, made: String }
        type User @key(fields: "id") { id: ID! }`,
    },
    {
      name: 'owners',
      typeDefs: `${FEDERATION}
        type Query { best: Item @shareable }
        type Item @key(fields: "id") { id: ID!, info: Info @shareable, parts: [Info!] @shareable, price: Float }
        type Info { weight: Int @shareable, owner: User @shareable, sold: Boolean }
        type User @key(fields: "id") { id: ID!, items: [Item!] }`,
    },
    {
      name: 'users',
      typeDefs: `${FEDERATION}
        type Query { users: [User] }
        type Mutation { greet(text: String): User! }
        type User @key(fields: "id") { id: ID!, name: String!, friends: [User!] }`,
    },
  ],
  'interfaces that are entities, and objects elsewhere': [
    {
      name: 'media',
      typeDefs: `${FEDERATION}
        type Query { media: [Media!]!, one: Media }
        interface Media @key(fields: "id") { id: ID!, title: String }
        type Film implements Media @key(fields: "id") { id: ID!, title: String, length: Int!, sequel: Media }
        type Song implements Media @key(fields: "id") { id: ID!, title: String!, length: Int!, covers: [Song!] }`,
    },
    {
      name: 'ratings',
      typeDefs: `${FEDERATION}
        type Query { rated: [Media] }
        type Media @key(fields: "id") @interfaceObject { id: ID!, stars: Int!, like: [Media], title: String @external, label: String @requires(fields: "title") }`,
    },
  ],
};
