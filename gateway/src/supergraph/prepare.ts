import { Kind, parse, print, visit } from 'graphql';

/** Features that the gateway implements itself and that stock @apollo/gateway does not know. */
const OWN_FEATURES = ['https://specs.apollo.dev/context/'];

/**
 * The SDL as it is given to @apollo/gateway, which refuses features marked as essential (`for:`) that it does not
 * know: the mark is taken away from those that this gateway implements; any other is still refused.
 */
export function prepareForApolloGateway(sdl: string): string {
  if (!OWN_FEATURES.some((feature) => sdl.includes(feature))) return sdl;
  return print(
    visit(parse(sdl), {
      Directive: (node) => {
        if (node.name.value !== 'link') return undefined;
        const url = node.arguments?.find(({ name }) => name.value === 'url')?.value;
        if (url?.kind !== Kind.STRING || !OWN_FEATURES.some((feature) => url.value.startsWith(feature)))
          return undefined;
        return { ...node, arguments: node.arguments?.filter(({ name }) => name.value !== 'for') };
      },
    }),
  );
}
