import { readFileSync } from 'node:fs';
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { gatewayConfig, isSecret } from './config.ts';

/** What a configuration file says: settings as text, by their variables' names, and where in the file each stands. */
export type ConfigFile = { values: Record<string, string>; places: Record<string, string>; problems: string[] };

type Property = { type?: string; [keyword: string]: unknown };
const { properties } = z.toJSONSchema(gatewayConfig.in, {
  // As the settings come out: what a variable gives as text is a number or a list in a file.
  io: 'output',
  unrepresentable: 'any',
  override: ({ jsonSchema }) => {
    // Says nothing that anybody asked for.
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  },
}) as { properties: Record<string, Property> };
// Depends on the machine.
delete properties['REPLICA_ID']?.['default'];

/** A setting's key in the file: its variable in camelCase. */
const fileKeyOf = (key: string): string =>
  key.toLowerCase().replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const keys = new Map(Object.keys(properties).map((key) => [fileKeyOf(key), key]));

/** A JSON schema of the configuration file, as JSON, for editors and for checks before a rollout. */
export function configFileSchema(): string {
  const open = [...keys].filter(([, key]) => !isSecret(key));
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of the gateway',
    type: 'object',
    properties: Object.fromEntries(open.map(([fileKey, key]) => [fileKey, properties[key]])),
    additionalProperties: false,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Reads a configuration file (YAML, so JSON as well). All that is wrong with it is in `problems`, with its place. */
export function readConfigFile(path: string): ConfigFile {
  const file: ConfigFile = { values: {}, places: {}, problems: [] };
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return { ...file, problems: [`${path}: cannot be read: ${(error as Error).message}`] };
  }
  const lines = new LineCounter();
  const { contents, errors } = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeOf = (offset: number): string => `${path}:${lines.linePos(offset).line}`;
  if (errors.length > 0)
    return { ...file, problems: errors.map(({ message, pos }) => `${placeOf(pos[0])}: ${message}`) };
  if (contents === null) return file;
  if (!isMap(contents)) return { ...file, problems: [`${placeOf(0)}: is not a list of keys and values`] };

  for (const { key: keyNode, value } of contents.items) {
    const fileKey = String(keyNode);
    const place = `${placeOf(isScalar(keyNode) ? (keyNode.range?.[0] ?? 0) : 0)}: ${fileKey}`;
    const key = keys.get(fileKey);
    const given = key === undefined ? undefined : textOf(value, properties[key]?.type === 'array');
    if (key === undefined) file.problems.push(`${place}: there is no such setting`);
    else if (isSecret(key)) file.problems.push(`${place}: is a secret: give it as the variable ${key}`);
    else if (given === undefined) file.problems.push(`${place}: is not a single value`);
    else Object.assign(file, { values: { ...file.values, [key]: given }, places: { ...file.places, [key]: place } });
  }
  return file;
}

/** A value as a variable would give it; undefined where no variable could. */
function textOf(node: unknown, mayBeList: boolean): string | undefined {
  if (node === null) return '';
  if (isScalar(node)) return node.value === null ? '' : String(node.value);
  if (!mayBeList || !isSeq(node) || !node.items.every(isScalar)) return undefined;
  return node.items.map(({ value }) => String(value)).join(',');
}
