import { describe, expect, it } from '@jest/globals';
import { createEvent, parseEvent } from './events.ts';
import { MARKER_TYPE } from './marker.ts';

const task = {
  id: '0198c0de-0000-7000-8000-000000000001',
  ownerId: 'alice',
  title: 'Water the plants',
  description: null,
  status: 'PENDING' as const,
  priority: 'NORMAL' as const,
  tags: [],
  dueTimeZone: null,
  checklist: [],
  dueAt: null,
  createdAt: '2030-01-01T00:00:00.000Z',
  updatedAt: '2030-01-01T00:00:00.000Z',
  completedAt: null,
  version: 1,
};
const event = createEvent('task.created', { source: 'task-service', subject: task.id, data: task });

describe('createEvent', () => {
  it('makes a CloudEvent whose type says the payload version', () => {
    expect(event).toMatchObject({ specversion: '1.0', type: 'com.todo.task.created.v1', subject: task.id, data: task });
    expect(event.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  it('keeps a given id, so that publishing again is the same event', () => {
    const again = createEvent('task.created', { source: 's', subject: task.id, data: task, id: event.id });
    expect(again.id).toBe(event.id);
  });

  it('refuses a payload that is not what the topic says', () => {
    expect(() => createEvent('task.created', { source: 's', subject: task.id, data: { ...task, version: 0 } })).toThrow(
      /version/,
    );
  });
});

describe('parseEvent', () => {
  it('gives fields that came later their defaults', () => {
    const { priority: _p, tags: _t, dueTimeZone: _z, checklist: _c, ...early } = task;
    expect(parseEvent('task.created', { ...event, data: early })).toMatchObject({
      kind: 'event',
      event: { data: task },
    });
  });

  it('takes what createEvent made, with the fields that Dapr adds', () => {
    const parsed = parseEvent('task.created', { ...event, pubsubname: 'task-events', traceid: 'x' });
    expect(parsed).toMatchObject({ kind: 'event', event: { id: event.id, data: task } });
  });

  it("takes any issuer's subjects", () => {
    const data = { ...task, ownerId: 'auth0|42 é' };
    expect(parseEvent('task.created', { ...event, data })).toMatchObject({ kind: 'event' });
  });

  it.each([
    ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', true],
    ['00-00000000000000000000000000000000-b7ad6b7169203331-01', false],
    ['x\r\ny: z', false],
    [7, false],
  ])('goes on in the trace %j only where it is one', (traceparent, isTrace) => {
    const parsed = parseEvent('task.created', { ...event, traceparent });
    expect(parsed).toMatchObject({ kind: 'event', event: { traceparent: isTrace ? traceparent : undefined } });
  });

  it('knows markers', () => {
    expect(parseEvent('task.created', { type: MARKER_TYPE })).toEqual({ kind: 'marker' });
  });

  it.each([
    ['no object', 'text', /not a CloudEvent/],
    ['no id', { ...event, id: undefined }, /id/],
    ['another version', { ...event, type: 'com.todo.task.created.v2' }, /unknown type com.todo.task.created.v2/],
    ["another topic's type", { ...event, type: 'com.todo.task.deleted.v1' }, /unknown type/],
    ['an id that cannot be part of a key', { ...event, id: 'a||b' }, /id: must be 1 to 200/],
    ['a task id that cannot be part of a path', { ...event, data: { ...task, id: '../x' } }, /id: must be/],
    ['text that jsonb cannot hold', { ...event, data: { ...task, title: 'a\u0000' } }, /title: must not contain/],
    ['year 0', { ...event, time: '0000-01-01T00:00:00Z' }, /time: there is no year 0/],
    ['a subject that is another task', { ...event, subject: 'other' }, /subject other is not the task/],
    ['a broken payload', { ...event, data: { ...task, ownerId: 7 } }, /ownerId/],
  ])('says why it is invalid: %s', (_, body, reason) => {
    expect(parseEvent('task.created', body)).toEqual({ kind: 'invalid', reason: expect.stringMatching(reason) });
  });
});
