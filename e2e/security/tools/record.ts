import { DATA } from '../../stack/paths.ts';

/** Where attacks of a run are written down, a JSON line each. */
export const RECORD = `${DATA}/attacks.jsonl`;

/** An attack of a run: what was tried, how many inputs that were, and what came back. */
export type Attempt = { group: string; tried: string; inputs: number; cameBack: string; seconds: number };
