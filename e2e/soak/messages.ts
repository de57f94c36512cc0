import type { Credentials } from '@todo/dev/identity/client';
import type { Counts } from './ledger.ts';

/** What the process of the subscribers is told. */
export type ToSubscribers =
  | { type: 'open'; identity: string; urls: string[]; users: Credentials[]; subscribers: number; sse: number }
  | { type: 'expect'; event: string; user: number }
  | { type: 'report' };

/** What subscribers got; latencies of the time since the last report, and of all. */
export type Report = {
  counts: Counts;
  latency: Latency;
  totalLatency: Latency;
  /** Connections beyond the first of each subscriber. */
  reconnects: number;
  failures: string[];
};

/** From an event's time to its arrival at a subscriber, in milliseconds. */
export type Latency = { p50: number; p99: number; max: number };
