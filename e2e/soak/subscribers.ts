// The subscribers' process: opens what it is told to, and reports what came.
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { follow, type Result } from '../stack/follower.ts';
import { createLedger, type Ledger } from './ledger.ts';
import type { Latency, Report, ToSubscribers } from './messages.ts';
import { createTokens } from './users.ts';

const QUERY = 'subscription { taskChanged { at version task { id title } } }';
/** After this time an event counts as missed. */
const GRACE_MS = 20_000;
/** Connections are made one after another, so that the gateway is not flooded before the start. */
const PAUSE_MS = 2;

/** More than these say nothing new. */
const MAX_FAILURES = 1000;

const recent = createHistogram();
const all = createHistogram();
const failures: string[] = [];
const fail = (text: string): void => void (failures.length < MAX_FAILURES && failures.push(text));
let ledger: Ledger = createLedger([]);
let opened = 0;
let subscribers = 0;

const open = async (message: Extract<ToSubscribers, { type: 'open' }>): Promise<void> => {
  const { urls, users } = message;
  subscribers = message.subscribers;
  const token = createTokens(message.identity, users);
  const perUser = users.map((_, user) => Math.floor((subscribers + users.length - 1 - user) / users.length));
  ledger = createLedger(perUser);
  for (let i = 0; i < subscribers; i++) {
    const user = i % users.length;
    const number = Math.floor(i / users.length);
    let attempt = i;
    follow({
      transport: (i * 37) % 100 < message.sse ? 'sse' : 'ws',
      // A replica that went away is not asked twice in a row.
      url: () => urls[attempt++ % urls.length] as string,
      token: () => token(user),
      query: QUERY,
      onResult: (result) => receive(result, user, number),
      onOpen: () => (opened += 1),
      onFailure: (error) => fail(`a subscriber: ${error.message}`),
    });
    await delay(PAUSE_MS);
  }
};

const receive = ({ data, errors }: Result, user: number, number: number): void => {
  if (errors) fail(`an event: ${JSON.stringify(errors)}`);
  const { at, version, task } = data.taskChanged;
  if (!ledger.receive(`${task.id} ${version}`, user, number)) return;
  const milliseconds = Math.max(1, Date.now() - Date.parse(at));
  recent.record(milliseconds);
  all.record(milliseconds);
};

const latencyOf = (histogram: RecordableHistogram): Latency =>
  histogram.count === 0
    ? { p50: 0, p99: 0, max: 0 }
    : { p50: histogram.percentile(50), p99: histogram.percentile(99), max: histogram.max };

const report = (): Report => {
  const latency = latencyOf(recent);
  recent.reset();
  const reconnects = Math.max(0, opened - subscribers);
  return { counts: ledger.counts(GRACE_MS), latency, totalLatency: latencyOf(all), reconnects, failures };
};

process.on('message', (message: ToSubscribers) => {
  if (message.type === 'expect') ledger.expect(message.event, message.user);
  else if (message.type === 'report') process.send?.(report());
  else open(message).catch((error: unknown) => fail(String(error)));
});
// Without the one that started it there is nobody to report to.
process.on('disconnect', () => process.exit());
