const REVIEWED = '  reviewed(stars: Int): Reviewed!';

/** The supergraph of `shop` and `events` with a field, given as in its SDL, for callers with the scope `watch` only. */
export function withScopes(sdl: string, field = REVIEWED): string {
  return sdl
    .replace('{\n  query: Query', '  @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)\n$&')
    .replace(
      'type Announced',
      `scalar requiresScopes__Scope
directive @requiresScopes(scopes: [[requiresScopes__Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
$&`,
    )
    .replace(field, '$& @requiresScopes(scopes: [["watch"]])');
}

/** The same with a subscription that costs 1001. */
export function withCost(sdl: string): string {
  return sdl
    .replace('{\n  query: Query', '  @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost"])\n$&')
    .replace('type Announced', 'directive @cost(weight: Int!) on FIELD_DEFINITION | OBJECT\n$&')
    .replace(REVIEWED, '$& @cost(weight: 1001)');
}
