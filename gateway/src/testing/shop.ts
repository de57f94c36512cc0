import { GraphQLError } from 'graphql';
import { FEDERATION, type TestSubgraph } from './subgraphs.ts';

const users = [
  { id: 'u1', name: 'Ada', email: 'ada@example.com' },
  { id: 'u2', name: 'Ben', email: null },
];
const products = [
  { __typename: 'Book', upc: 'p1', title: 'Graphs', price: 10, weight: 3, pages: 120, secret: 'x' },
  { __typename: 'Chair', upc: 'p2', title: 'Seat', price: 50, weight: 9, legs: 4, secret: 'y' },
];
const reviews = [
  { id: 'r1', stars: 5, author: 'u1', product: 'p1' },
  { id: 'r2', stars: 1, author: 'u2', product: 'p1' },
  { id: 'r3', stars: 3, author: 'u9', product: 'p2' },
  { id: 'r4', stars: 2, author: null, product: 'p9' },
];
const productStub = (upc: string) => ({ __typename: products.find((p) => p.upc === upc)?.__typename ?? 'Book', upc });

/** A shop of three subgraphs: entities, interfaces, a union, `@requires`, lists of lists, errors, nulls, a mutation. */
export const shop: TestSubgraph[] = [
  {
    name: 'users',
    typeDefs: `${FEDERATION}
      type Query { me: User, users: [User!]!, user(id: ID!): User, fails: String, mustNotFail: String!, slow: String }
      type Mutation { rename(id: ID!, name: String!): User }
      type User @key(fields: "id") { id: ID!, name: String!, email: String, strictEmail: String! }`,
    resolvers: {
      Query: {
        me: () => users[0],
        users: () => users,
        user: (_parent: unknown, { id }: { id: string }) => users.find((user) => user.id === id),
        fails: () => {
          throw new GraphQLError('no luck', { extensions: { code: 'UNLUCKY', stacktrace: ['secret'] } });
        },
        mustNotFail: () => null,
        slow: () => new Promise((resolve) => setTimeout(resolve, 3000, 'at last').unref()),
      },
      Mutation: { rename: (_parent: unknown, { id, name }: { id: string; name: string }) => ({ id, name }) },
      User: {
        __resolveReference: ({ id }: { id: string }) => users.find((user) => user.id === id),
        strictEmail: (user: (typeof users)[0]) => user.email,
      },
    },
  },
  {
    name: 'products',
    typeDefs: `${FEDERATION}
      type Query { products: [Product!]!, product(upc: ID!): Product, found: [Found!]!, shelves: [[Product!]!]! }
      interface Product @key(fields: "upc") { upc: ID!, title: String!, price: Int }
      type Book implements Product @key(fields: "upc") {
        upc: ID!, title: String!, price: Int, pages: Int!, weight: Int, secret: String @inaccessible
      }
      type Chair implements Product @key(fields: "upc") {
        upc: ID!, title: String!, price: Int, legs: Int!, weight: Int, secret: String @inaccessible
      }
      union Found = Book | Chair`,
    resolvers: {
      Query: {
        products: () => products,
        product: (_parent: unknown, { upc }: { upc: string }) => products.find((product) => product.upc === upc),
        found: () => products,
        shelves: () => products.map((product) => [product]),
      },
      Product: {
        __resolveReference: ({ upc }: { upc: string }) => products.find((product) => product.upc === upc),
        __resolveType: (product: { __typename: string }) => product.__typename,
      },
      Book: { __resolveReference: ({ upc }: { upc: string }) => products.find((product) => product.upc === upc) },
      Chair: { __resolveReference: ({ upc }: { upc: string }) => products.find((product) => product.upc === upc) },
      Found: { __resolveType: (product: { __typename: string }) => product.__typename },
    },
  },
  {
    name: 'reviews',
    typeDefs: `${FEDERATION}
      type Query { reviews: [Review!]! }
      type Review @key(fields: "id") { id: ID!, stars: Int!, author: User, product: Product }
      type User @key(fields: "id") { id: ID!, reviews: [Review!]!, nickname: String }
      interface Product @key(fields: "upc") { upc: ID!, reviews(best: Boolean = false): [Review!]! }
      type Book implements Product @key(fields: "upc") {
        upc: ID!, reviews(best: Boolean = false): [Review!]!
        weight: Int @external, postage: Int @requires(fields: "weight")
      }
      type Chair implements Product @key(fields: "upc") {
        upc: ID!, reviews(best: Boolean = false): [Review!]!
        weight: Int @external, postage: Int @requires(fields: "weight")
      }`,
    resolvers: {
      Query: { reviews: () => reviews },
      Review: {
        __resolveReference: ({ id }: { id: string }) => reviews.find((review) => review.id === id),
        author: ({ author }: { author: string | null }) => author && { id: author },
        product: ({ product }: { product: string }) => productStub(product),
      },
      User: {
        reviews: ({ id }: { id: string }) => reviews.filter((review) => review.author === id),
        nickname: ({ id }: { id: string }) => {
          if (id === 'u2') throw new GraphQLError('no nickname', { extensions: { code: 'NOT_FOUND' } });
          return `${id}-nick`;
        },
      },
      Product: { __resolveType: ({ upc }: { upc: string }) => productStub(upc).__typename },
      Book: productResolvers(),
      Chair: productResolvers(),
    },
  },
];

function productResolvers() {
  return {
    postage: ({ weight }: { weight: number }) => weight * 2,
    reviews: ({ upc }: { upc: string }, { best }: { best: boolean }) =>
      reviews.filter((review) => review.product === upc && (!best || review.stars > 3)),
  };
}
