/** A graph of three subgraphs for the benchmark, with data that follow from numbers, and what is asked of it. */
const FEDERATION =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires"])';

const AUTHORS = 8;
const BOOKS = 24;
const PAGE = 12;

type Reference = { id: string };
const authorOf = (id: string) => ({ id, name: `Author ${id}`, born: 1900 + Number(id) });
const bookOf = (id: string) => ({
  id,
  title: `Book ${id}: "on the number ${id}"`,
  pages: 100 + Number(id),
  author: { id: String(Number(id) % AUTHORS) },
});
const reviewsOf = (id: string) =>
  [1, 2, 3].map((n) => ({
    id: `${id}-${n}`,
    stars: (Number(id) + n) % 6,
    text: `Review ${n} of ${id}`,
    by: { id: String((Number(id) + n) % AUTHORS) },
  }));
const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));

export const subgraphs = [
  {
    name: 'authors',
    typeDefs: `${FEDERATION}
      type Query { authors: [Author!]! }
      type Author @key(fields: "id") { id: ID!, name: String!, born: Int! }`,
    resolvers: {
      Query: { authors: () => ids(AUTHORS).map(authorOf) },
      Author: { __resolveReference: ({ id }: Reference) => authorOf(id) },
    },
  },
  {
    name: 'books',
    typeDefs: `${FEDERATION}
      type Query { books(first: Int = ${PAGE}): [Book!]! }
      type Book @key(fields: "id") { id: ID!, title: String!, pages: Int!, author: Author! }
      type Author @key(fields: "id") { id: ID!, books: [Book!]! }`,
    resolvers: {
      Query: { books: (_root: unknown, { first }: { first: number }) => ids(first).map(bookOf) },
      Book: { __resolveReference: ({ id }: Reference) => bookOf(id) },
      Author: {
        __resolveReference: ({ id }: Reference) => ({ id }),
        books: ({ id }: Reference) =>
          ids(BOOKS)
            .map(bookOf)
            .filter(({ author }) => author.id === id),
      },
    },
  },
  {
    name: 'reviews',
    typeDefs: `${FEDERATION}
      type Query { review(id: ID!): Review }
      type Review @key(fields: "id") { id: ID!, stars: Int!, text: String!, by: Author! }
      type Book @key(fields: "id") { id: ID!, pages: Int! @external, reviews: [Review!]!, weight: Int! @requires(fields: "pages") }
      type Author @key(fields: "id", resolvable: false) { id: ID! }`,
    resolvers: {
      Query: { review: (_root: unknown, { id }: Reference) => reviewsOf(id.split('-')[0] ?? '')[0] },
      Book: {
        __resolveReference: (reference: Reference) => reference,
        reviews: ({ id }: Reference) => reviewsOf(id),
        weight: ({ pages }: { pages: number }) => pages * 5,
      },
    },
  },
];

/** A subgraph without a server: what subscribers hear of. */
export const notes = {
  name: 'notes',
  url: 'pubsub:bench',
  typeDefs: `
    extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"])
      @link(url: "https://bench.test/topic/v1.0", import: ["@topic"])
      @composeDirective(name: "@topic")
    directive @topic(pubsub: String!, names: [String!]!, filter: String, public: Boolean! = false) on FIELD_DEFINITION
    type Subscription { noted: Noted! @topic(pubsub: "bench", names: ["bench.noted"], public: true) }
    type Noted { id: ID!, text: String!, book: Book }
    type Book @key(fields: "id", resolvable: false) { id: ID! }`,
};

const book = 'id title pages weight reviews { id stars text by { id name born } }';

/** Many fetches and entities that come again and again; one hop; one fetch. */
export const queries: Record<string, string> = {
  heavy: `query Heavy { authors { id name books { ${book} author { name books { title weight } } } } books { ${book} author { id name born books { ${book} } } } }`,
  medium: 'query Medium { books(first: 5) { id title reviews { id text } } }',
  small: 'query Small { books(first: 5) { id title } }',
};
