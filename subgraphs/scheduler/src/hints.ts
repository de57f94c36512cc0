import { createHash } from 'node:crypto';
import type { Documents } from '@todo/service/documents';
import { StaleState } from '@todo/service/state';
import { setTimeout as delay } from 'node:timers/promises';
import { jobOf, type ReminderToCome, type TaskSchedule } from './reminder.ts';

/**
 * Where to look for a reminder: the task's document is the truth, and a hint that it does not bear out means nothing. Hints
 * are written before the document and taken away after it, so that there is one for every reminder to come.
 */
export type Hint = { taskId: string; at: string; /** When the hint was written. */ since: string };

/** A document of hints, by the names of the jobs. */
export type Hints = Record<string, Hint>;

/**
 * An hour's hints are spread over so many documents, by a hash of the task's id: with 100,000 reminders in one hour, as
 * where everything is due at nine, a document has 1,600 of them (200 KiB) and not 13 MiB that each change would rewrite.
 */
export const SHARDS = 64;

/** A day of one user has as many hints as this; what is more is sent, but not listed: a listing must have an end. */
const MAX_PER_DAY = 2_000;

const HOUR_MS = 60 * 60 * 1000;
/** Hints go away by themselves so long after their time, in seconds: by then the reconciler has seen them all. */
const KEPT_SECONDS = 30 * 24 * 60 * 60;
const ATTEMPTS = 30;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The whole hours since 1970 at an instant. */
export const hourOf = (at: string | number): number => Math.floor(new Date(at).getTime() / HOUR_MS);

export const hourKey = (hour: number, shard: number): string =>
  `hour-${new Date(hour * HOUR_MS).toISOString().slice(0, 13)}-${String(shard).padStart(2, '0')}`;

/** A user's reminders of one day (YYYY-MM-DD, UTC). An owner's name may hold anything: a digest of it stands in the key. */
export const upcomingKey = (ownerId: string, day: string): string =>
  `upcoming-${digest(ownerId).toString('base64url')}-${day}`;

/** The document of an hour that has the hints at a task's jobs. */
export const hourKeyOf = (taskId: string, at: string): string => hourKey(hourOf(at), (digest(taskId)[0] ?? 0) % SHARDS);

/** The documents that have a hint at a reminder: the reconciler walks the one, users list the other. */
export const hintKeys = ({ taskId, ownerId }: Pick<TaskSchedule, 'taskId' | 'ownerId'>, at: string): string[] => [
  hourKeyOf(taskId, at),
  upcomingKey(ownerId, at.slice(0, 10)),
];

type Change = { add: Hints } | { remove: readonly string[] };

export type HintStore = {
  add(task: Pick<TaskSchedule, 'taskId' | 'ownerId'>, reminders: readonly ReminderToCome[]): Promise<void>;
  remove(task: Pick<TaskSchedule, 'taskId' | 'ownerId'>, reminders: readonly ReminderToCome[]): Promise<void>;
  /** Adds a hint at a job that is no reminder's, for the reconciler alone. */
  addJob(job: string, at: { taskId: string; at: string }): Promise<void>;
  /** Takes hints out of one document. */
  removeFrom(key: string, jobs: readonly string[]): Promise<void>;
};

/**
 * Keeps hints. Changes of one document that come while it is being written wait, and are then written together: so a
 * document that many change at once is not written once for each.
 */
export function openHints(documents: Documents): HintStore {
  const waiting = new Map<string, { changes: Change[]; done: Promise<void> }>();
  const writing = new Map<string, Promise<void>>();

  function change(key: string, one: Change): Promise<void> {
    const joined = waiting.get(key);
    if (joined) {
      joined.changes.push(one);
      return joined.done;
    }
    const changes = [one];
    const done = (async () => {
      await writing.get(key);
      waiting.delete(key);
      const written = writeHints(documents, key, changes);
      const settled = written.catch(() => {}); // told to those who wait for `done`
      writing.set(key, settled);
      await settled;
      if (writing.get(key) === settled) writing.delete(key);
      return written;
    })();
    waiting.set(key, { changes, done });
    return done;
  }

  const all = (
    task: Pick<TaskSchedule, 'taskId' | 'ownerId'>,
    reminders: readonly ReminderToCome[],
    of: (r: ReminderToCome) => Change,
  ) =>
    Promise.all(reminders.flatMap((r) => hintKeys(task, r.at).map((key) => change(key, of(r))))).then(() => undefined);

  return {
    add(task, reminders) {
      const since = new Date().toISOString();
      return all(task, reminders, (r) => ({ add: { [jobOf(r)]: { taskId: task.taskId, at: r.at, since } } }));
    },
    remove: (task, reminders) => all(task, reminders, (r) => ({ remove: [jobOf(r)] })),
    addJob: (job, { taskId, at }) =>
      change(hourKeyOf(taskId, at), { add: { [job]: { taskId, at, since: new Date().toISOString() } } }),
    removeFrom: (key, jobs) => change(key, { remove: jobs }),
  };
}

async function writeHints(documents: Documents, key: string, changes: readonly Change[]): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const known = await documents.get<Hints>(key);
    const next = withChanges(key, known?.value ?? {}, changes);
    if (!next) return;
    const ttlSeconds = secondsUntilGone(key);
    try {
      await documents.save(
        known
          ? { op: 'replace', key, value: next, etag: known.etag, ttlSeconds }
          : { op: 'create', key, value: next, ttlSeconds },
      );
      return;
    } catch (error) {
      // Another replica writes the same document.
      if (!(error instanceof StaleState) || attempt === ATTEMPTS) throw error;
      await delay(Math.random() * 10 * attempt);
    }
  }
}

/** The hints after the changes; undefined where they are as before. */
function withChanges(key: string, hints: Hints, changes: readonly Change[]): Hints | undefined {
  const next = new Map(Object.entries(hints));
  let changed = false;
  for (const change of changes) {
    if ('remove' in change) {
      for (const job of change.remove) changed = next.delete(job) || changed;
      continue;
    }
    for (const [job, hint] of Object.entries(change.add)) {
      if (key.startsWith('upcoming-') && next.size >= MAX_PER_DAY && !next.has(job)) continue;
      next.set(job, hint);
      changed = true;
    }
  }
  return changed ? Object.fromEntries(next) : undefined;
}

function secondsUntilGone(key: string): number {
  const at = /\d{4}-\d{2}-\d{2}(?:T\d{2})?(?=-\d{2}$|$)/.exec(key)?.[0] ?? '';
  const time = Date.parse(at.length === 10 ? at : `${at}:00:00Z`);
  return KEPT_SECONDS + Math.max(0, Math.ceil((time - Date.now()) / 1000));
}
