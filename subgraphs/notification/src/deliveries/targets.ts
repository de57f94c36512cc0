import type { Channel } from '../channels/channel.ts';
import type { Circuits } from './circuits.ts';
import type { Due, LeftOut } from './claim.ts';

/** Whose a delivery is, and which of the user's receivers it goes to. */
type Target = Pick<Due, 'ownerId' | 'targetId'>;

/** How many users and receivers a channel's deliveries under way go to, so that those that are slow do not fill it. */
export type Targets = {
  begin(target: Target): void;
  end(target: Target): void;
  /** Those that nothing more is to be begun for: they have enough under way, or their circuit is open. */
  full(): LeftOut;
  /** What of these may be begun at once. */
  fitting(due: readonly Due[]): Due[];
};

/** A user has at most a quarter of a channel's places, and one of the user's receivers half of those. */
export function createTargets(channel: Channel, circuits: Circuits): Targets {
  const perOwner = Math.max(1, Math.floor(channel.concurrency / 4));
  const perTarget = Math.max(1, Math.floor(perOwner / 2));
  const prefix = `${channel.name} `;
  const underWay: Target[] = [];

  /** Those that have so many of these. */
  const busy = (all: readonly Target[], key: 'ownerId' | 'targetId', most: number): string[] =>
    [...Map.groupBy(all, (one) => one[key])].flatMap(([id, of]) => (id !== null && of.length >= most ? [id] : []));

  return {
    begin: (target) => void underWay.push(target),
    end: (target) => void underWay.splice(underWay.indexOf(target), 1),
    full() {
      const blocked = circuits.blocked().filter((name) => name.startsWith(prefix));
      return {
        owners: busy(underWay, 'ownerId', perOwner),
        targets: [...busy(underWay, 'targetId', perTarget), ...blocked.map((name) => name.slice(prefix.length))],
      };
    },
    fitting(due) {
      const all: Target[] = [...underWay];
      return due.filter((one) => {
        const isFull =
          busy(all, 'ownerId', perOwner).includes(one.ownerId) ||
          (one.targetId !== null && busy(all, 'targetId', perTarget).includes(one.targetId));
        if (!isFull) all.push(one);
        return !isFull;
      });
    },
  };
}
