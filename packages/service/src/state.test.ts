import { beforeEach, expect, it, jest } from '@jest/globals';
import type { Dapr } from './dapr.ts';
import { openState } from './state.ts';

type Item = { key: string; data?: unknown; etag?: string; error?: string };
const getBulk = jest.fn<(store: string, keys: string[]) => Promise<Item[]>>();
const send = jest.fn<(path: string, options: { body: unknown }) => Promise<{ status: number; body: string }>>();
const state = openState({ client: { state: { getBulk } }, send } as unknown as Dapr, 'store');

/** What a store with these documents answers. */
const holding =
  (documents: Record<string, unknown>) =>
  async (_: string, keys: string[]): Promise<Item[]> =>
    keys.map((key) => (key in documents ? { key, data: documents[key], etag: `etag of ${key}` } : { key }));

beforeEach(() => {
  getBulk.mockReset();
  send.mockReset().mockResolvedValue({ status: 204, body: '' });
});

it('gives the documents that exist, and no other', async () => {
  getBulk.mockImplementation(holding({ a: 1, witness: true }));
  expect(await state.getMany(['a', 'b'])).toEqual(new Map([['a', { value: 1, etag: 'etag of a' }]]));
  expect(await state.get('b')).toBeUndefined();
  expect(send).not.toHaveBeenCalled();
});

it('does not take an answer that broke off for one that says that nothing is there', async () => {
  getBulk.mockImplementation(holding({}));
  await expect(state.getMany(['a'])).rejects.toThrow(/broke off/);
  getBulk.mockImplementationOnce(holding({})).mockImplementation(holding({ a: 1, witness: true }));
  expect((await state.get('a'))?.value).toBe(1);
});

it('begins in a new store, and fails where that cannot be written', async () => {
  getBulk.mockImplementationOnce(holding({})).mockImplementation(holding({ witness: true }));
  expect(await state.getMany(['a'])).toEqual(new Map());
  expect(send.mock.calls).toEqual([['/v1.0/state/store', { body: [{ key: 'witness', value: true }] }]]);
  send.mockResolvedValue({ status: 500, body: 'away' });
  getBulk.mockImplementation(holding({}));
  await expect(state.get('a')).rejects.toThrow(/away/);
});

it('fails where a document could not be read', async () => {
  getBulk.mockResolvedValue([
    { key: 'a', error: 'broken' },
    { key: 'witness', etag: 'x' },
  ]);
  await expect(state.get('a')).rejects.toThrow('reading a: broken');
});
