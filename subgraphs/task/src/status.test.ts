import { describe, expect, it } from '@jest/globals';
import { type Status, withStatus } from './status.ts';
import type { TaskDocument } from './task.ts';

const now = '2030-01-02T00:00:00.000Z';
const taskOf = (status: Status): TaskDocument => ({
  id: '0198c0de-0000-7000-8000-000000000001',
  ownerId: 'alice',
  title: 'Water the plants',
  description: null,
  status,
  priority: 'NORMAL',
  tags: [],
  dueAt: null,
  dueTimeZone: null,
  checklist: [],
  createdAt: '2030-01-01T00:00:00.000Z',
  updatedAt: '2030-01-01T00:00:00.000Z',
  completedAt: status === 'COMPLETED' ? '2030-01-01T00:00:00.000Z' : null,
  version: 3,
});

describe('withStatus', () => {
  it.each<[Status, Status]>([
    ['PENDING', 'IN_PROGRESS'],
    ['PENDING', 'COMPLETED'],
    ['PENDING', 'CANCELLED'],
    ['IN_PROGRESS', 'PENDING'],
    ['IN_PROGRESS', 'COMPLETED'],
    ['IN_PROGRESS', 'CANCELLED'],
    ['COMPLETED', 'PENDING'],
    ['CANCELLED', 'PENDING'],
  ])('%s may become %s, one version later', (from, to) => {
    const completedAt = to === 'COMPLETED' ? now : null;
    expect(withStatus(taskOf(from), to, now)).toMatchObject({ status: to, version: 4, updatedAt: now, completedAt });
  });

  it.each<[Status, Status]>([
    ['COMPLETED', 'IN_PROGRESS'],
    ['COMPLETED', 'CANCELLED'],
    ['CANCELLED', 'IN_PROGRESS'],
    ['CANCELLED', 'COMPLETED'],
  ])('%s may not become %s, and the error names both', (from, to) => {
    expect(() => withStatus(taskOf(from), to, now)).toThrow(`a task that is ${from} cannot become ${to}`);
  });

  it.each<Status>(['PENDING', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED'])('%s stays as it is', (status) => {
    expect(withStatus(taskOf(status), status, now)).toBeNull();
  });
});
