import type { Channel } from '../channels/channel.ts';
import type { Circuits } from './circuits.ts';
import type { Due } from './claim.ts';

/** How many deliveries to one receiver a replica has under way at a time: one that is slow takes no more of a channel. */
const PER_TARGET = 2;

/** The receivers that a channel's deliveries under way go to. */
export type Targets = {
  begin(targetId: string | null): void;
  end(targetId: string | null): void;
  /** Those that nothing more is to be begun for: they have enough under way, or their circuit is open. */
  full(): string[];
  /** What of these may be begun at once. */
  fitting(due: readonly Due[]): Due[];
};

export function createTargets(channel: Channel, circuits: Circuits): Targets {
  const underWay = new Map<string, number>();
  const count = (targetId: string): number => underWay.get(targetId) ?? 0;
  const prefix = `${channel.name} `;
  return {
    begin(targetId) {
      if (targetId !== null) underWay.set(targetId, count(targetId) + 1);
    },
    end(targetId) {
      if (targetId === null) return;
      if (count(targetId) > 1) underWay.set(targetId, count(targetId) - 1);
      else underWay.delete(targetId);
    },
    full() {
      const busy = [...underWay].filter(([, number]) => number >= PER_TARGET).map(([targetId]) => targetId);
      const blocked = circuits.blocked().filter((name) => name.startsWith(prefix));
      return [...busy, ...blocked.map((name) => name.slice(prefix.length))];
    },
    fitting(due) {
      const begun = new Map<string, number>();
      return due.filter(({ targetId }) => {
        if (targetId === null) return true;
        const number = (begun.get(targetId) ?? count(targetId)) + 1;
        if (number <= PER_TARGET) begun.set(targetId, number);
        return number <= PER_TARGET;
      });
    },
  };
}
