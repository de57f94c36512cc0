import { Kind, parse, print, visit, type DirectiveNode } from 'graphql';

/** Features that the gateway implements itself and that stock @apollo/gateway does not know. */
const OWN_FEATURES = ['context', 'authenticated', 'requiresScopes'].map((name) => `https://specs.apollo.dev/${name}/`);
const POLICY = 'https://specs.apollo.dev/policy/';

/**
 * The SDL as it is given to @apollo/gateway, which refuses features marked as essential (`for:`) that it does not
 * know: the mark is taken away from those that this gateway implements; any other is still refused.
 * @throws where the supergraph uses `@policy`: what it protects would be open to all
 */
export function prepareForApolloGateway(sdl: string): string {
  if (![...OWN_FEATURES, POLICY].some((feature) => sdl.includes(feature))) return sdl;
  return print(
    visit(parse(sdl), {
      Directive: (node) => {
        const url = linkedUrl(node);
        if (url?.startsWith(POLICY))
          throw new Error('the supergraph uses @policy, which this gateway cannot enforce: use @requiresScopes');
        if (!OWN_FEATURES.some((feature) => url?.startsWith(feature))) return undefined;
        return { ...node, arguments: node.arguments?.filter(({ name }) => name.value !== 'for') };
      },
    }),
  );
}

function linkedUrl({ name, arguments: given }: DirectiveNode): string | undefined {
  const url = given?.find((argument) => argument.name.value === 'url')?.value;
  return name.value === 'link' && url?.kind === Kind.STRING ? url.value : undefined;
}
