import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { steps } from '../soak/load.ts';
import { type Outcome, type Place, send } from './request.ts';

/** Between two tries of one mutation, and between two queries of a user. */
const RETRY_MS = 250;

/** Over all subgraphs. */
const queries = [
  '{ tasks(first: 5) { nodes { id title reminders { at } } } }',
  '{ me { id unreadNotifications activity(days: 1) { created completed } } }',
];

/** Mutations and queries of many users. */
export type Load = {
  /** Resolves with the next change that is made from now on: the user, and the task as the answer says. */
  nextChange: () => Promise<Change>;
  /** No new mutation begins; resolves once those under way are answered. @returns how many never were, within the time */
  stop: (withinMs: number) => Promise<number>;
};

export type Change = { user: number; id: string; version: number };

/**
 * Starts it: each user changes one task after another, and asks, each with `pauseMs` in between. A mutation that fails is
 * sent again with its idempotency key until it succeeds, as a client does that means it. `onChange` hears of each that
 * was answered, `onOutcome` of every request.
 */
export function startLoad(options: {
  users: number;
  pauseMs: number;
  place: (user: number) => Promise<Place>;
  onChange: (change: Change) => void;
  onOutcome: (outcome: Outcome) => void;
}): Load {
  const { users, pauseMs, place, onChange, onOutcome } = options;
  const stopping = new AbortController();
  const givingUp = new AbortController();
  let unanswered = 0;
  let waiting: { since: number; resolve: (change: Change) => void }[] = [];

  const ask = async (user: number, query: string, variables = {}, key?: string): Promise<Outcome> => {
    const outcome = await send(await place(user), query, variables, key);
    onOutcome(outcome);
    return outcome;
  };
  /** Until it is answered; undefined where it is given up. */
  const mutate = async (user: number, step: string, id: string | undefined): Promise<Change | undefined> => {
    const key = randomUUID();
    const begun = performance.now();
    while (!givingUp.signal.aborted) {
      const outcome = await ask(user, step, id === undefined ? {} : { id }, key);
      if (outcome.kind === 'ok') {
        const change: Change = { user, ...outcome.data.changed };
        onChange(change);
        for (const { since, resolve } of waiting) if (since <= begun) resolve(change);
        waiting = waiting.filter(({ since }) => since > begun);
        return change;
      }
      await pause(RETRY_MS, givingUp.signal);
    }
    unanswered += 1;
    return undefined;
  };
  const change = async (user: number): Promise<void> => {
    let id: string | undefined;
    for (let step = 0; !stopping.signal.aborted; step = (step + 1) % steps.length) {
      if (step === 0) id = undefined;
      id = (await mutate(user, steps[step] as string, id))?.id;
      await pause(pauseMs, stopping.signal);
    }
  };
  const query = async (user: number): Promise<void> => {
    for (let turn = user; !stopping.signal.aborted; turn += 1) {
      await ask(user, queries[turn % queries.length] as string);
      await pause(pauseMs, stopping.signal);
    }
  };
  const running = Array.from({ length: users }, (_, user) => [change(user), query(user)]).flat();

  return {
    nextChange: () => new Promise((resolve) => waiting.push({ since: performance.now(), resolve })),
    stop: async (withinMs) => {
      stopping.abort();
      const timer = setTimeout(() => givingUp.abort(), withinMs);
      await Promise.all(running);
      clearTimeout(timer);
      return unanswered;
    },
  };
}

/** Ends early when the signal is aborted. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined);
