import { setImmediate } from 'node:timers/promises';
import type { Plannable } from '../supergraph/plan-cache.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';

/** How long streams are worked on before others have their turn. */
const SLICE_MS = 5;

/** A stream that goes on when the supergraph changes. */
export type OpenStream = {
  asked: Plannable;
  /** Goes by a supergraph from now on, or ends. */
  follow: (supergraph: Supergraph) => void;
};

/** Has all open streams go by the supergraph in force. */
export type Takeover = {
  add: (stream: OpenStream) => void;
  remove: (stream: OpenStream) => void;
  /** Another supergraph is in force: streams take it over one after another, and others have their turn in between. */
  begin: (supergraph: Supergraph) => void;
  /** The stream's turn is now: there is something to do for it. */
  now: (stream: OpenStream) => void;
  /** What the streams select, each operation once, `max` at most. */
  operations: (max: number) => Plannable[];
};

export function createTakeover(): Takeover {
  const streams = new Set<OpenStream>();
  let inForce: Supergraph | undefined;
  let isUnderWay = false;

  const now = (stream: OpenStream): void => {
    if (inForce) stream.follow(inForce);
  };
  const all = async (): Promise<void> => {
    let followed: Supergraph | undefined;
    while (followed !== inForce) {
      followed = inForce;
      let since = performance.now();
      for (const stream of streams) {
        now(stream);
        if (performance.now() - since < SLICE_MS) continue;
        await setImmediate();
        since = performance.now();
      }
    }
    isUnderWay = false;
  };

  return {
    add: (stream) => {
      streams.add(stream);
      // It was prepared a moment ago.
      now(stream);
    },
    remove: (stream) => void streams.delete(stream),
    begin: (supergraph) => {
      inForce = supergraph;
      if (isUnderWay) return;
      isUnderWay = true;
      void all();
    },
    now,
    operations: (max) => {
      const byKey = new Map<string, Plannable>();
      for (const { asked } of streams) {
        if (byKey.size === max) break;
        byKey.set(asked.key, asked);
      }
      return [...byKey.values()];
    },
  };
}
