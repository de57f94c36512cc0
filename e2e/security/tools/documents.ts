import fc from 'fast-check';
import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/** Draws a number from 0 on that is smaller than `below`. */
type Draw = (below: number) => number;

/** Values that programs trip over, as literals of the language. */
const LITERALS = [
  'null',
  'true',
  '0',
  '-1',
  '2147483648',
  '1e400',
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"%"',
  '[]',
  '{}',
  '[[[null]]]',
  'A',
  '$v',
  '"2026-02-30"',
  '"PT-1S"',
];
const TEXTS = [
  '"x"',
  '"2026-01-01"',
  '"2026-01-01T00:00:00Z"',
  '"UTC"',
  '"Europe/Berlin"',
  '"FREQ=DAILY"',
  '"\' OR 1=1 --"',
  '"\\"; DROP TABLE task; --"',
  '"../../etc/passwd"',
  '"{{7*7}}"',
  '"\u202e"',
  '"😀"',
];
const NAMES = ['__proto__', 'constructor', 'toString', 'a', 'id', '__typename', 'é'];

const one = <T>(draw: Draw, from: readonly T[]): T => from[draw(from.length)] as T;

function literal(type: GraphQLInputType, draw: Draw, depth = 0): string {
  if (draw(12) === 0) return one(draw, LITERALS);
  if (isNonNullType(type)) return literal(type.ofType, draw, depth);
  if (isListType(type))
    return `[${Array.from({ length: draw(3) }, () => literal(type.ofType, draw, depth + 1)).join(' ')}]`;
  if (isEnumType(type)) return one(draw, type.getValues()).name;
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter((field) => isNonNullType(field.type) || draw(3) === 0);
    return `{${depth > 4 ? '' : fields.map((field) => `${field.name}: ${literal(field.type, draw, depth + 1)}`).join(' ')}}`;
  }
  switch ((type as GraphQLNamedType).name) {
    case 'Int':
      return String(draw(120));
    case 'Boolean':
      return draw(2) ? 'true' : 'false';
    default:
      return one(draw, TEXTS);
  }
}

function field(of: GraphQLField<unknown, unknown>, draw: Draw, depth: number): string {
  const wanted = of.args.filter((arg) => isNonNullType(arg.type) || draw(4) === 0);
  const args = wanted.map((arg) => `${arg.name}: ${literal(arg.type, draw)}`).join(' ');
  const alias = draw(15) === 0 ? `${one(draw, NAMES)}: ` : '';
  const directive =
    draw(25) === 0 ? one(draw, [' @skip(if: false)', ' @include(if: $v)', ' @include(if: true)', ' @x']) : '';
  const type = getNamedType(of.type);
  const inner = isLeafType(type) ? '' : ` { ${selection(type, draw, depth + 1)} }`;
  return `${alias}${of.name}${args === '' ? '' : `(${args})`}${directive}${inner}`;
}

function selection(type: GraphQLNamedType, draw: Draw, depth: number): string {
  if (!isObjectType(type)) return '__typename';
  const fields = Object.values(type.getFields()).filter((each) => depth < 5 || isLeafType(getNamedType(each.type)));
  const chosen = Array.from({ length: 1 + draw(3) }, () => fields[draw(fields.length)]);
  const parts = chosen.map((each) => (each ? field(each, draw, depth) : '__typename'));
  return draw(10) === 0 ? `... on ${type.name} { ${parts.join(' ')} }` : parts.join(' ');
}

/** Operations that the schema has, with arguments that are right or just not. */
function operations(schema: GraphQLSchema): fc.Arbitrary<string> {
  const roots = [
    ['query', schema.getQueryType()],
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
  ] as const;
  return fc.array(fc.nat(0xffff), { minLength: 60, maxLength: 60 }).map((numbers) => {
    let at = 0;
    const draw: Draw = (below) => {
      at += 1;
      return below === 0 ? 0 : ((numbers[at % numbers.length] as number) + at * 7919) % below;
    };
    const [kind, root] = one(draw, roots);
    const variables =
      draw(4) === 0
        ? `${one(draw, ['', 'Q', '__proto__'])}($v: ${one(draw, ['Boolean', 'Boolean!', 'ID', '[Int]', 'TaskFilter', 'Nothing'])})`
        : '';
    return `${kind} ${variables} { ${selection(root as GraphQLNamedType, draw, 0)} }`;
  });
}

const TOKENS = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ':',
  '$',
  '@',
  '!',
  '...',
  '|',
  '&',
  '"',
  '"""',
  '#',
  'query',
  'mutation',
  'subscription',
  'fragment',
  'on',
  'me',
  'tasks',
  'id',
  'task',
  '__typename',
  '__schema',
  'null',
  '-',
  '0',
  '1e9',
  '\\u{110000}',
  '\uFEFF',
  '\n',
  ',',
];

/** Documents: right ones, ones with a piece cut out, doubled or put in, heaps of tokens, and any text. */
export function documents(schema: GraphQLSchema): fc.Arbitrary<string> {
  const right = operations(schema);
  const broken = fc
    .tuple(right, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(20), fc.constantFrom('cut', 'double', ...TOKENS))
    .map(([text, where, length, how]) => {
      const at = Math.floor(where * text.length);
      const piece = text.slice(at, at + length);
      const put = how === 'cut' ? '' : how === 'double' ? piece + piece : how + piece;
      return text.slice(0, at) + put + text.slice(at + length);
    });
  const heap = fc.array(fc.constantFrom(...TOKENS), { maxLength: 60 }).map((tokens) => tokens.join(' '));
  return fc.oneof(
    { weight: 4, arbitrary: right },
    { weight: 3, arbitrary: broken },
    heap,
    fc.string({ unit: 'binary', maxLength: 100 }),
  );
}

const oddKeys = fc.constantFrom('v', '__proto__', 'constructor', 'id', '', 'a.b', '0');

/** Variables and other values of JSON, also such as programs trip over. */
export const values: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, true, 0, -1, 1e308, '', '\u0000', '\ud800', 'x'.repeat(5000), [], {}, [[[[]]]]),
  fc.jsonValue({ maxDepth: 4 }),
  fc.dictionary(oddKeys, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
);

/** What an event of a task says, of one that nobody has. */
export const TASK = {
  id: 'fuzz',
  ownerId: 'nobody',
  title: 'Fuzz',
  description: null,
  status: 'PENDING',
  priority: 'NORMAL',
  tags: [],
  dueAt: null,
  dueTimeZone: null,
  checklist: [],
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  completedAt: null,
  version: 1,
};
