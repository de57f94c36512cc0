import type { Result } from '../stack/follower.ts';

/** Beyond this many unanswered requests new ones wait: the rate is then not reached, and shows it. */
const MAX_IN_FLIGHT = 200;
/** More than these say nothing new. */
const MAX_FAILURES = 1000;
const TIMEOUT_MS = 30_000;

/** Mutations at a steady rate. */
export type Load = {
  /** Mutations that were answered. */
  done: () => number;
  failures: () => string[];
  /** Resolves once those under way are answered. */
  stop: () => Promise<void>;
};

/** What a user's mutations do to one task after another. */
export const steps = [
  'mutation { changed: createTask(input: { title: "Soak" }) { id version } }',
  'mutation ($id: ID!) { changed: updateTask(id: $id, input: { title: "Soak, changed" }) { id version } }',
  'mutation ($id: ID!) { changed: updateTask(id: $id, input: { title: "Soak, changed again" }) { id version } }',
  'mutation ($id: ID!) { changed: completeTask(id: $id) { id version } }',
] as const;

type UserState = { step: number; id: string | undefined; isBusy: boolean };

/**
 * Starts `rate` mutations a second, users and gateways taking turns. `onDone` hears of each task's id and version as soon
 * as its mutation was answered.
 */
export function startLoad(options: {
  urls: string[];
  users: number;
  rate: number;
  token: (user: number) => Promise<string>;
  onDone: (user: number, task: { id: string; version: number }) => void;
}): Load {
  const users = Array.from({ length: options.users }, (): UserState => ({ step: 0, id: undefined, isBusy: false }));
  const underWay = new Set<Promise<void>>();
  const failures: string[] = [];
  const begin = performance.now();
  let turn = 0;
  let started = 0;
  let done = 0;

  const mutate = async (user: number, state: UserState, url: string): Promise<void> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await options.token(user)}` },
      body: JSON.stringify({ query: steps[state.step], variables: state.id === undefined ? {} : { id: state.id } }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { data, errors } = (await response.json()) as Result;
    if (errors || !data) throw new Error(`${response.status}: ${JSON.stringify(errors)}`);
    options.onDone(user, data.changed);
    done += 1;
    state.step = (state.step + 1) % steps.length;
    state.id = state.step === 0 ? undefined : data.changed.id;
  };

  const next = (): void => {
    const user = turn % users.length;
    const state = users[user] as UserState;
    const url = options.urls[turn % options.urls.length] as string;
    turn += 1;
    // A user's changes follow one another.
    if (state.isBusy) return;
    started += 1;
    state.isBusy = true;
    const mutation = mutate(user, state, url)
      .catch((error: unknown) => {
        if (failures.length < MAX_FAILURES) failures.push(`a mutation: ${String(error)}`);
        Object.assign(state, { step: 0, id: undefined });
      })
      .finally(() => {
        state.isBusy = false;
        underWay.delete(mutation);
      });
    underWay.add(mutation);
  };

  const timer = setInterval(() => {
    const due = ((performance.now() - begin) / 1000) * options.rate;
    for (let tries = 0; started < due && underWay.size < MAX_IN_FLIGHT && tries < users.length; tries++) next();
  }, 10);

  return {
    done: () => done,
    failures: () => failures,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}
