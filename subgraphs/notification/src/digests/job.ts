import { atMost } from '@todo/service/limit';
import type { Dapr } from '@todo/service/dapr';
import type { AppContext } from '../context.ts';
import { metrics } from '../metrics.ts';
import { dueRecipients } from './read.ts';
import { sendDigests } from './send.ts';

/** Dapr's name of the job that looks for digests that are due: one for all users, which one replica gets. */
const DIGEST_JOB = 'digests';

const EVERY_MINUTE = '0 * * * * *';
const BATCH = 100;
const AT_ONCE = 8;

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
 * Sends all digests that are due. Where it runs twice at once, each digest is sent once all the same.
 * @throws where some could not be: they are due still
 */
export async function runDigests(context: Pick<AppContext, 'state' | 'orm' | 'workers'>): Promise<void> {
  const limit = atMost(AT_ONCE);
  for (;;) {
    const keys = await dueRecipients(context.orm, BATCH);
    const results = await Promise.allSettled(keys.map((key) => limit(() => sendDigests(context, key))));
    const problems = results.filter(({ status }) => status === 'rejected');
    if (problems.length > 0) {
      metrics.digests.inc({ outcome: 'failed' }, problems.length);
      throw new AggregateError(
        problems.map(({ reason }: any) => reason),
        `${problems.length} digests failed`,
      );
    }
    if (keys.length < BATCH) return;
  }
}
