import { resultText } from '../executor/response-data.ts';
import type { StreamFormat } from './stream-response.ts';

/** An `id` alone is no event: it only moves what a browser sends as `Last-Event-ID` when it connects again. */
const idLine = (cursor: string | undefined): string => (cursor === undefined ? '' : `id: ${cursor}\n`);

/**
 * Server-sent events (GraphQL over SSE, distinct connections mode): `next` for each result, with its cursor as `id`, then
 * `complete`. A stream that a stopping replica breaks off has no `complete`: clients connect again.
 */
export const eventStream: StreamFormat = {
  transport: 'sse',
  contentType: 'text/event-stream; charset=utf-8',
  start: '',
  result: (result, cursor) => `${idLine(cursor)}event: next\ndata: ${resultText(result)}\n\n`,
  // Without a cursor a comment.
  heartbeat: (cursor) => `${idLine(cursor) || ':\n'}\n`,
  end: (isOver) => (isOver ? 'event: complete\ndata:\n\n' : ''),
};
