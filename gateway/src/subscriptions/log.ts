import { markOf, type Position, type Positions } from './cursor.ts';
import type { CloudEvent } from './event.ts';

/** An event as the broker has it. `timestamp` in milliseconds since 1970. */
export type Delivery = { topic: string; partition: number; offset: number; timestamp: number; event: CloudEvent };

/** A delivery in the log. `isForSubscribers`: neither a marker nor one that came before under another offset. */
type LogRecord = Delivery & { isForSubscribers: boolean };

/** What became of a delivery: `lost` where records before it never came, and `recreated` where its topic starts again. */
type Taken = 'taken' | 'seen' | 'lost' | 'recreated';

type Entry = LogRecord & { mark: number };
/** `marks[i]` is the mark of the record at `base + i`: everything from `base` on is in the log. */
type Track = { base: number; markBefore: number | undefined; marks: number[]; timestamp: number };

/** The recent events of all topics, in the order in which they came, and how far each partition is known. */
export type EventLog = {
  take: (record: LogRecord) => Taken;
  /** The number that the next record gets. */
  end: () => number;
  /** The record of a number; undefined where it is no longer there. */
  at: (sequence: number) => Entry | undefined;
  /** The number of the oldest record. */
  start: () => number;
  positionsOf: (topics: readonly string[]) => Positions;
  /** Whether a partition is known up to an offset. */
  hasReached: (topic: string, partition: number, offset: number) => boolean;
  /** Whether everything from a position on is here, and what was before it is what the position says. */
  holds: (topic: string, partition: number, position: Position) => boolean;
};

/** At most `maxRecords` are kept, and those of about `maxBytes` (of their data as JSON text). */
export function createEventLog(maxRecords: number, maxBytes: number, partitions: number): EventLog {
  const tracks = new Map<string, (Track | undefined)[]>();
  const entries = new Map<number, Entry & { bytes: number }>();
  let first = 0;
  let next = 0;
  let bytes = 0;

  const trackOf = (topic: string, partition: number): Track | undefined => tracks.get(topic)?.[partition];
  const begin = (topic: string, partition: number, offset: number): Track => {
    const ofTopic = tracks.get(topic) ?? [];
    const track: Track = { base: offset, markBefore: undefined, marks: [], timestamp: 0 };
    ofTopic[partition] = track;
    tracks.set(topic, ofTopic);
    return track;
  };
  const positionOf = ({ base, marks, markBefore }: Track): Position | undefined => {
    const mark = marks.at(-1) ?? markBefore;
    return mark === undefined ? undefined : { offset: base + marks.length, mark };
  };
  const evict = (): void => {
    const entry = entries.get(first);
    entries.delete(first++);
    if (!entry) return;
    bytes -= entry.bytes;
    const track = trackOf(entry.topic, entry.partition);
    // Not where the partition began anew meanwhile.
    if (track?.base === entry.offset && track.marks[0] === entry.mark) {
      track.markBefore = track.marks.shift();
      track.base += 1;
    }
  };

  return {
    take: (record) => {
      const { topic, partition, offset, timestamp, event } = record;
      const mark = markOf(`${event.source} ${event.id}`);
      let outcome: Taken = 'taken';
      let track = trackOf(topic, partition) ?? begin(topic, partition, offset);
      const expected = track.base + track.marks.length;
      if (offset < expected) {
        const known = track.marks[offset - track.base];
        const isSame = known === undefined ? timestamp <= track.timestamp : known === mark;
        if (isSame) return 'seen';
        outcome = 'recreated';
      } else if (offset > expected) outcome = 'lost';
      if (outcome !== 'taken') track = begin(topic, partition, offset);
      track.marks.push(mark);
      track.timestamp = Math.max(track.timestamp, timestamp);
      const size = JSON.stringify(event.data ?? null).length;
      entries.set(next++, { ...record, mark, bytes: size });
      bytes += size;
      while (entries.size > maxRecords || (bytes > maxBytes && entries.size > 1)) evict();
      return outcome;
    },
    end: () => next,
    start: () => first,
    at: (sequence) => entries.get(sequence),
    positionsOf: (topics) =>
      new Map(
        topics.map((topic) => [
          topic,
          Array.from({ length: partitions }, (_, partition) => {
            const track = trackOf(topic, partition);
            return track && positionOf(track);
          }),
        ]),
      ),
    hasReached: (topic, partition, offset) => {
      const track = trackOf(topic, partition);
      return track !== undefined && track.base + track.marks.length >= offset;
    },
    holds: (topic, partition, { offset, mark }) => {
      const track = trackOf(topic, partition);
      if (!track || offset < track.base) return false;
      return (offset === track.base ? track.markBefore : track.marks[offset - 1 - track.base]) === mark;
    },
  };
}
