import type { Entities } from './answer.ts';

/** The answer to a fetch, which others may want a part of: nobody changes it. */
export type Answered = Promise<Entities>;

/** Entities that a run has asked for in one way: by their representations, the answer and where it has them. */
export type Asked = Map<string, { answered: Answered; index: number }>;
