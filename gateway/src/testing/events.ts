import type { TestSubgraph } from './subgraphs.ts';

/** A subgraph without a server: reviews as they happen, to whom they concern. */
export const events: TestSubgraph = {
  name: 'events',
  url: 'pubsub:events',
  typeDefs: `
    extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"])
      @link(url: "https://example.test/topic/v1.0", import: ["@topic"])
      @composeDirective(name: "@topic")
    directive @topic(pubsub: String!, names: [String!]!, filter: String, public: Boolean! = false) on FIELD_DEFINITION
    type Subscription {
      reviewed(stars: Int): Reviewed! @topic(
        pubsub: "shop"
        names: ["review.added", "review.changed"]
        filter: "event.data.seller == identity.sub && (args.stars == null || args.stars == event.data.stars)"
      )
      announced: Announced! @topic(pubsub: "shop", names: ["announced"], public: true)
    }
    type Reviewed { id: ID!, type: String!, at: String!, subject: String, stars: Int!, user: User, review: Review }
    type Announced { id: ID!, text: String! }
    type User @key(fields: "id", resolvable: false) { id: ID! }
    type Review @key(fields: "id", resolvable: false) { id: ID! }`,
};
