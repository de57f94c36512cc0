import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FormattedExecutionResult, ParseOptions } from 'graphql';
import { unauthenticated } from '../auth/tokens.ts';
import type { Caller, Transport } from '../context.ts';
import type { OperationRequest, Outcome } from '../operations/server.ts';
import { eventStream } from './event-stream.ts';
import { multipart } from './multipart.ts';
import { onceExpired } from './expiry.ts';
import { isSubscription } from './operation-request.ts';

const HEARTBEAT_MS = 10_000;

/** How results are written one after another into one HTTP response. */
export type StreamFormat = {
  transport: Transport['name'];
  contentType: string;
  start: string;
  /** `cursor` is where the stream stands after this result. */
  result: (result: FormattedExecutionResult, cursor: string | undefined) => string;
  heartbeat: (cursor: string | undefined) => string;
  /** `isOver`: there is nothing more to come, also elsewhere. */
  end: (isOver: boolean) => string;
};

/** A format in which a client takes a stream of results. `takesJson`: it takes plain answers as well. */
export type AcceptedStream = { format: StreamFormat; takesJson: boolean };

/** The format of streams that a request accepts, if any: server-sent events or Apollo's multipart. */
export function acceptedStream(request: FastifyRequest): AcceptedStream | undefined {
  const accepted = (request.headers.accept ?? '').toLowerCase().split(',');
  const types = accepted.map((type) => type.trim().split(';')[0] ?? '');
  const parts = accepted.some((type) => type.includes('multipart/mixed') && type.includes('subscriptionspec='));
  const format = types.includes('text/event-stream') ? eventStream : parts ? multipart : undefined;
  if (!format) return undefined;
  // Whoever takes several parts takes a single answer.
  const takesJson =
    format === multipart || types.some((type) => /^application\/(?:graphql-response\+)?json$/.test(type));
  return { format, takesJson };
}

/**
 * The format to answer with; undefined for a plain answer. Who takes both (urql and Apollo Client list several types)
 * gets a stream for what needs one, a subscription. A batch has a plain answer.
 */
export function streamFormatOf(
  { format, takesJson }: AcceptedStream,
  requests: OperationRequest[],
  parseOptions: ParseOptions,
): StreamFormat | undefined {
  const [request] = requests;
  if (!request || requests.length > 1) return undefined;
  return !takesJson || isSubscription(request, parseOptions) ? format : undefined;
}

/**
 * Answers with a stream. The next result is taken when the client has taken the one before: what it does not take waits
 * in the subscription's bounded queue. When the caller's token expires, that is the last result. Resolves when the stream
 * is over.
 */
export async function serveStream(
  reply: FastifyReply,
  format: StreamFormat,
  outcome: Outcome,
  { signal, expires }: Pick<Caller, 'signal' | 'expires'>,
): Promise<void> {
  const headers = Object.entries(reply.getHeaders()).filter((entry) => entry[1] !== undefined);
  reply.hijack();
  reply.raw.writeHead(200, {
    ...(Object.fromEntries(headers) as Record<string, string>),
    'content-type': format.contentType,
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
  const stream = outcome.kind === 'stream' ? outcome.stream : undefined;
  const beat = (): void => {
    if (!reply.raw.writableNeedDrain) reply.raw.write(format.heartbeat(stream?.cursor()));
  };
  reply.raw.write(format.start);
  // Proxies and browsers pass headers on with the first byte only, and drop idle connections.
  beat();
  const heartbeats = setInterval(beat, HEARTBEAT_MS);
  let hasExpired = false;
  const disarm = onceExpired(stream && expires, () => {
    hasExpired = true;
    stream?.cut('token_expired');
  });
  try {
    if (outcome.kind === 'result') await write(reply, format.result(outcome.result, undefined), signal);
    else
      for await (const result of outcome.stream)
        await write(reply, format.result(result, outcome.stream.cursor()), signal);
    if (hasExpired) await write(reply, format.result(expired(), undefined), signal);
    // The last word on where the stream stands, for one that goes on elsewhere.
    if (stream) beat();
    await write(reply, format.end(!stream?.isBrokenOff()), signal);
  } finally {
    clearInterval(heartbeats);
    disarm();
    reply.raw.end();
  }
}

function expired(): FormattedExecutionResult {
  const { message, extensions } = unauthenticated('the access token has expired');
  return { errors: [{ message, extensions: { code: extensions['code'] } }] };
}

/** Resolves when the text has left, or the client has. */
function write(reply: FastifyReply, text: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted || reply.raw.write(text)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      reply.raw.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    reply.raw.once('drain', done);
    signal.addEventListener('abort', done, { once: true });
  });
}
