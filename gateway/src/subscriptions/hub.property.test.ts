import { expect, test } from '@jest/globals';
import { sampling, timeLimit } from '@todo/service/testing/sampling';
import fc from 'fast-check';
import { connect, createBroker, createReplica, PARTITIONS, ticks, TOPICS } from '../testing/hub.ts';

const place = fc.tuple(fc.constantFrom(...TOPICS), fc.nat(PARTITIONS - 1));
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('append' as const), place, owner: fc.constantFrom('ada', 'ben') }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      place,
      replica: fc.constantFrom(0 as const, 1 as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('again' as const),
      place,
      replica: fc.constantFrom(0 as const, 1 as const),
      back: fc.nat(3),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('resume' as const),
      replica: fc.constantFrom(0 as const, 1 as const),
      atHeartbeat: fc.boolean(),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Plays steps with one subscriber of ada's; `wasTold`: it learnt that events may be missing. */
async function play(steps: Step[], windowSize: number) {
  const broker = createBroker();
  const settings = { EVENT_WINDOW_SIZE: String(windowSize), RESUME_WAIT_MS: '1' };
  const replicas = [createReplica(broker, settings), createReplica(broker, settings)] as const;
  // The first gets the second's markers, as in life before the second is ready.
  replicas[0].advanceAll();
  const got: Record<string, string[]> = {};
  const refusals: string[] = [];
  let current = await connect(replicas[0].hub, 'ada');
  let wasTold = false;
  const start = new Map([...broker.partitions].map(([key, records]) => [key, records.length]));

  const keep = (): void => {
    for (const { id } of current.got.splice(0)) {
      const [key = ''] =
        [...broker.partitions].find(([, records]) => records.some(({ event }) => event.id === id)) ?? [];
      (got[key] ??= []).push(id);
    }
    wasTold ||= current.ended() !== undefined;
  };
  const resume = async (replica: 0 | 1, atHeartbeat: boolean): Promise<void> => {
    await ticks();
    keep();
    const cursor = atHeartbeat ? current.heartbeat() : current.last();
    await current.close();
    await connect(replicas[replica].hub, 'ada', cursor).then(
      (next) => (current = next),
      (error: { extensions: { code: string } }) => refusals.push(error.extensions.code),
    );
    wasTold ||= refusals.length > 0;
  };

  for (const act of steps) {
    if (wasTold) break;
    if (act.do === 'append') broker.append(...act.place, act.owner);
    else if (act.do === 'advance') replicas[act.replica].advance(...act.place);
    else if (act.do === 'again') replicas[act.replica].again(...act.place, act.back);
    else await resume(act.replica, act.atHeartbeat);
  }
  for (const { advanceAll } of replicas) advanceAll();
  await ticks();
  keep();
  const mine: Record<string, string[]> = {};
  for (const [key, records] of broker.partitions)
    for (const { event } of records.slice(start.get(key)))
      if ((event.data as { owner: string }).owner === 'ada') (mine[key] ??= []).push(event.id);
  return { got, mine, wasTold, refusals };
}

test(
  'whatever happens in whatever order, each subscriber gets its events once, in order, or is told',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 6, max: 40 }), async (steps, size) => {
        const { got, mine, wasTold, refusals } = await play(steps, size);
        expect(refusals.filter((code) => code !== 'CURSOR_TOO_OLD')).toEqual([]);
        expect(wasTold ? mine : got).toEqual(mine);
      }),
      sampling(200),
    );
  },
  timeLimit(60_000),
);
