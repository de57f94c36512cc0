import { atMost } from '@todo/service/limit';
import type { Dapr } from '@todo/service/dapr';
import type { AppContext } from '../context.ts';
import { metrics } from '../metrics.ts';
import { type DueRecipient, dueRecipients } from './read.ts';
import { sendDigests } from './send.ts';

/** Dapr's name of the job that looks for digests that are due: one for all users, which one replica gets. */
const DIGEST_JOB = 'digests';

const EVERY_MINUTE = '0 * * * * *';
const BATCH = 100;
const AT_ONCE = 8;
/** How many of what went wrong are told. */
const MAX_PROBLEMS = 10;

/** Sets the job; every replica does at its start, to the same. */
export async function setDigestJob(dapr: Dapr): Promise<void> {
  const { status, body } = await dapr.send(`/v1.0/jobs/${DIGEST_JOB}`, {
    body: {
      schedule: EVERY_MINUTE,
      overwrite: true,
      data: {},
      // What fails is done in the next minute.
      failurePolicy: { drop: {} },
    },
  });
  if (status !== 204) throw new Error(`setting job ${DIGEST_JOB}: status ${status}: ${body}`);
}

/**
 * Sends all digests that are due, past those that fail. Where it runs twice at once, each digest is sent once all the same.
 * @throws where some could not be: they are due still
 */
export async function runDigests(context: Pick<AppContext, 'state' | 'orm' | 'workers'>): Promise<void> {
  const limit = atMost(AT_ONCE);
  const problems: unknown[] = [];
  let failed = 0;
  for (let last: DueRecipient | undefined; ;) {
    const due = await dueRecipients(context.orm, BATCH, last);
    const results = await Promise.allSettled(due.map(({ key }) => limit(() => sendDigests(context, key))));
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    failed += reasons.length;
    problems.push(...reasons.slice(0, MAX_PROBLEMS - problems.length));
    last = due.at(-1);
    if (due.length < BATCH) break;
  }
  if (failed === 0) return;
  metrics.digests.inc({ outcome: 'failed' }, failed);
  throw new AggregateError(problems, `${failed} digests failed`);
}
