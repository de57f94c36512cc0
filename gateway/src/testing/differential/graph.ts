import { FEDERATION, type TestSubgraph } from '../subgraphs.ts';

/**
 * A museum of many subgraphs: entities with one and several keys, compound keys, interfaces, a union, an interface
 * object, `@requires` (flat and nested), `@provides`, lists of lists, values without keys, fields of one name and several types.
 */
export const museum: TestSubgraph[] = [
  {
    name: 'catalog',
    typeDefs: `${FEDERATION}
      type Query {
        works: [Work!]!
        work(id: ID!): Work
        strictWork: Work!
        found: [Found]
        grid: [[Work]!]
        rooms: [Room!]
        museum: Museum!
      }
      type Mutation { hang(title: String): Work }
      interface Work @key(fields: "id") {
        id: ID!, title: String!, size: Size, maker: Person, related(first: Int = 2): [Work!], room: Room
      }
      type Painting implements Work @key(fields: "id") {
        id: ID!, title: String!, size: Size, maker: Person, related(first: Int = 2): [Work!], room: Room
        canvas: String!, height: Int, label: String
      }
      type Statue implements Work @key(fields: "id") {
        id: ID!, title: String!, size: Size, maker: Person, related(first: Int = 2): [Work!], room: Room
        material: Material!, height: Int!, label: [String!], original: Statue
      }
      type Size { width: Int!, unit: String, exact: Boolean }
      enum Material { STONE BRONZE }
      scalar Json
      union Found = Painting | Statue | Person
      type Person @key(fields: "id") { id: ID!, made: [Work!]! }
      type Room @key(fields: "floor number") { floor: Int!, number: Int!, works: [Work] }
      type Museum { name: String!, rooms: [Room!]!, best: Work!, notes: Json, self: Museum }`,
  },
  {
    name: 'people',
    typeDefs: `${FEDERATION}
      type Query { people: [Person!]!, person(id: ID!): Person, me: Person! }
      type Mutation { greet(text: String): Person! }
      type Person @key(fields: "id") @key(fields: "email") {
        id: ID!, email: String!, name: String! @shareable, age: Int, friends: [Person!]!, boss: Person, address: Address
      }
      type Address { street: String!, city: City }
      type City { name: String!, mayor: Person! }`,
  },
  {
    name: 'prices',
    typeDefs: `${FEDERATION}
      type Painting @key(fields: "id") {
        id: ID!
        height: Int @external
        price(currency: String = "EUR"): Int!
        insurance: String @requires(fields: "height")
      }
      type Statue @key(fields: "id") {
        id: ID!
        height: Int! @external
        size: Size @external
        price(currency: String = "EUR"): Float
        shipping: String! @requires(fields: "height size { width }")
      }
      type Size { width: Int! @external }`,
  },
  {
    name: 'reviews',
    typeDefs: `${FEDERATION}
      type Query { reviews: [Review], top: Work }
      type Work @key(fields: "id") @interfaceObject { id: ID!, reviews(best: Boolean): [Review!]!, score: Float }
      type Review @key(fields: "id") { id: ID!, text: String!, author: Person @provides(fields: "name"), of: Work! }
      type Person @key(fields: "id") { id: ID!, name: String! @external, wrote: [Review] }`,
  },
  {
    name: 'rooms',
    typeDefs: `${FEDERATION}
      type Query { room(code: ID): Room }
      type Room @key(fields: "floor number") { floor: Int!, number: Int!, name: String!, guard: Person, alarms: [[Int!]!] }
      type Person @key(fields: "id", resolvable: false) { id: ID! }`,
  },
  {
    name: 'badges',
    typeDefs: `${FEDERATION}
      type Query { badges: [Badge!] }
      type Person @key(fields: "email") { email: String!, badge: Badge, level: String @requires(fields: "age") , age: Int @external }
      type Badge { code: String!, holder: Person! }`,
  },
];
