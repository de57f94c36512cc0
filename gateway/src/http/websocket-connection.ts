import type { IncomingMessage } from 'node:http';
import { GraphQLError, type ExecutionArgs, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { CloseCode, makeServer, MessageType, stringifyMessage, type SubscribePayload } from 'graphql-ws';
import type { Caller, GatewayContext, Transport } from '../context.ts';
import { runOperation, type OperationRequest, type Outcome, type ResultStream } from '../operations/server.ts';
import { codeOf, statusOf } from '../refusal.ts';
import { onceExpired } from './expiry.ts';
import type { Pipeline } from './pipeline.ts';
import { abortable, untilClosed } from './websocket-generators.ts';
import { authorizationIn, requestIn, traceparentIn, type Params } from './websocket-payloads.ts';
import { createResults, type Results } from './websocket-results.ts';

/** The side of a WebSocket that the protocol speaks to. */
type Socket = {
  protocol: string;
  send: (data: string) => Promise<void>;
  close: (code: number, reason: string) => void;
};

/** A client's connection. */
export type Connection = {
  receive: (message: string) => Promise<void>;
  /** Tells the client the cursors of its streams that moved on since it last heard of them, in the payload of a ping. */
  heartbeat: () => Promise<void>;
  /** Resolves once no query or mutation is under way, or with the signal. */
  settled: (grace: AbortSignal) => Promise<void>;
  closed: (code: number, reason: string) => Promise<void>;
};

type Open = { stream?: ResultStream; told?: string | undefined };

/** What a connection keeps. `caller` is there once connection_init was accepted. */
type State = {
  socket: Socket;
  results: Results;
  request: IncomingMessage;
  caller?: Caller;
  open: Map<string, Open>;
  isClosed: boolean;
  disarm?: () => void;
  /** Looks whether no query or mutation is under way any more, where somebody waits for that. */
  lookForEnd?: () => void;
};

const TRANSPORT: Transport = { name: 'ws', readOnly: false };

/**
 * Speaks graphql-transport-ws. A connection whose connection_init has no valid token where one is needed is closed with
 * 4403, and so is one whose token expires: clients connect again with a new one, or send it before as `authorization` (or
 * `token`) in the payload of a ping, of the same user. One without connection_init in time is closed with 4408. `complete`
 * aborts an operation that is still under way.
 */
export function createConnections(
  { config, logger, metrics }: GatewayContext,
  { operations, observe, arrivalOf, callerOf, admit }: Pipeline,
): (socket: Socket, request: IncomingMessage) => Connection {
  /** Takes a token. Closes the connection where it is none, or not of the same user. */
  const authenticate = async (state: State, params: Params): Promise<boolean> => {
    const arrival = arrivalOf(state.request, TRANSPORT);
    const { signal } = new AbortController(); // each operation has its own
    try {
      const caller = await callerOf(state.request, arrival, { signal, authorization: authorizationIn(params) });
      // It has gone meanwhile: a timer would keep all of it until the token expires.
      if (state.isClosed) return false;
      if (state.caller && state.caller.identity?.sub !== caller.identity?.sub)
        return refuse(state, 'the access token is another user’s');
      state.caller = caller;
      for (const { stream } of state.open.values()) stream?.refresh(caller);
      state.disarm?.();
      state.disarm = onceExpired(caller.expires, () => {
        refuse(state, 'the access token has expired');
        cutStreams(state, 'token_expired');
      });
      return true;
    } catch (error) {
      observe.turnedAway(arrival, codeOf(error));
      if (error instanceof GraphQLError && [401, 403, 429].includes(statusOf(error)))
        return refuse(state, error.message.split(':')[0] as string);
      logger.error({ err: error }, 'a caller could not be told');
      state.socket.close(CloseCode.InternalServerError, 'access tokens cannot be verified at the moment');
      return false;
    }
  };

  const admitted = async (payload: SubscribePayload, caller: Caller): Promise<Outcome> => {
    const { requests } = await admit([requestIn(payload)], caller);
    return runOperation(operations, requests[0] as OperationRequest, caller);
  };

  const run = async (state: State, id: string, payload: SubscribePayload, controller: AbortController) => {
    const known = state.caller as Caller;
    const arrival = arrivalOf(state.request, TRANSPORT, { traceparent: traceparentIn(payload) });
    const caller: Caller = { ...known, ...arrival, signal: controller.signal };
    const open: Open = {};
    state.open.set(id, open);
    const outcome = await admitted(payload, caller).catch((error: unknown) => {
      observe.turnedAway(caller, codeOf(error));
      if (error instanceof GraphQLError) return refused(error);
      // One operation must not end the connection's others.
      logger.error({ err: error, traceId: caller.traceId }, 'unexpected error');
      return undefined;
    });
    if (outcome?.kind !== 'stream') return outcome;
    open.stream = outcome.stream;
    // It may have been replaced while the stream was being opened.
    if (state.caller && state.caller !== known) outcome.stream.refresh(state.caller);
    state.lookForEnd?.();
    return outcome;
  };

  const server = makeServer<Record<string, unknown>, State>({
    connectionInitWaitTimeout: config.CONNECTION_INIT_TIMEOUT_MS,
    onConnect: ({ extra, connectionParams }) => authenticate(extra, connectionParams),
    onSubscribe: async (context, id, payload) => {
      // The protocol's own record is by identifier: it would lose a stream behind one that is used again too early.
      const turnAway = (error: GraphQLError): GraphQLError[] => {
        const arrival = arrivalOf(context.extra.request, TRANSPORT, { traceparent: traceparentIn(payload) });
        observe.turnedAway(arrival, codeOf(error));
        return [error];
      };
      if (context.extra.open.has(id)) return turnAway(stillEnding(id));
      // This one is among them; `complete` has taken its own out.
      if (Object.keys(context.subscriptions).length > config.MAX_OPERATIONS_PER_SOCKET) {
        metrics.limitsHit.inc({ limit: 'operationsPerSocket' });
        return turnAway(tooManyOperations(config.MAX_OPERATIONS_PER_SOCKET));
      }
      const controller = new AbortController();
      // `complete` and the connection's end reach it while it is being answered.
      context.subscriptions[id] = abortable(controller);
      const outcome = await run(context.extra, id, payload, controller);
      if (outcome?.kind === 'stream' || (outcome?.document && !outcome.refused)) return handedOn(outcome, payload);
      forget(context.extra, id);
      if (!outcome) return [internalError()];
      return (outcome.result.errors ?? []).map(({ message, ...rest }) => new GraphQLError(message, rest));
    },
    execute: ({ contextValue }) => resultOf(contextValue as Outcome),
    subscribe: ({ contextValue }) => resultOf(contextValue as Outcome),
    // Results are formatted (errors masked) as they come.
    onNext: ({ extra }, _id, _payload, _args, result) => extra.results.payloadOf(result) as ReturnType<typeof resultOf>,
    onComplete: ({ extra }, id) => forget(extra, id),
  });

  return (socket, request) => {
    const results = createResults(socket.send);
    const state: State = { socket, results, request, open: new Map(), isClosed: false };
    let receive: Connection['receive'] | undefined;
    const closed = server.opened(
      {
        ...socket,
        send: results.send,
        onMessage: (callback) => (receive = callback),
        onPing: async (payload) => {
          const refreshes = state.caller && authorizationIn(payload) !== undefined;
          if (refreshes && !(await authenticate(state, payload))) return;
          // A token is not sent back.
          await socket.send(stringifyMessage({ type: MessageType.Pong, ...(payload && !refreshes && { payload }) }));
        },
      },
      state,
    );
    return {
      receive: async (message) => receive?.(message),
      heartbeat: async () => {
        const cursors = cursorsToTell(state);
        if (cursors) await socket.send(stringifyMessage({ type: MessageType.Ping, payload: { cursors } }));
      },
      settled: (grace) =>
        new Promise((resolve) => {
          grace.addEventListener('abort', () => resolve(), { once: true });
          state.lookForEnd = () => {
            // What an operation still says of its end is sent in this turn.
            if ([...state.open.values()].every(({ stream }) => stream)) setImmediate(resolve);
          };
          state.lookForEnd();
        }),
      closed: async (code, reason) => {
        state.isClosed = true;
        state.disarm?.();
        cutStreams(state, 'disconnected');
        await closed(code, reason);
      },
    };
  };
}

function refuse({ socket }: State, reason: string): false {
  socket.close(CloseCode.Forbidden, reason);
  return false;
}

function forget(state: State, id: string): void {
  state.open.delete(id);
  state.lookForEnd?.();
}

/** The protocol ends them anyway; this says why. */
function cutStreams({ open }: State, reason: Parameters<ResultStream['cut']>[0]): void {
  for (const { stream } of open.values()) stream?.cut(reason);
}

function cursorsToTell({ open }: State): Record<string, string> | undefined {
  const cursors: [string, string][] = [];
  for (const [id, operation] of open) {
    const cursor = operation.stream?.cursor();
    if (cursor === undefined || cursor === operation.told) continue;
    operation.told = cursor;
    cursors.push([id, cursor]);
  }
  return cursors.length > 0 ? Object.fromEntries(cursors) : undefined;
}

/** The pipeline has done everything already: this hands its outcome to the protocol. */
function handedOn(outcome: Outcome, { operationName }: SubscribePayload): ExecutionArgs {
  const document = outcome.document as ExecutionArgs['document'];
  return { schema: undefined as unknown as GraphQLSchema, document, operationName, contextValue: outcome };
}

function resultOf(outcome: Outcome): ExecutionResult {
  return (outcome.kind === 'stream' ? untilClosed(outcome.stream) : outcome.result) as ExecutionResult;
}

/** What an error before the pipeline comes to: HTTP's share of it is not for a WebSocket. */
function refused(error: GraphQLError): Outcome {
  const { http: _http, ...extensions } = error.extensions;
  return {
    kind: 'result',
    result: { errors: [{ message: error.message, extensions }] },
    document: undefined,
    refused: true,
  };
}

function tooManyOperations(limit: number): GraphQLError {
  const message = `this connection has ${limit} operations under way: complete one, or open another connection`;
  return new GraphQLError(message, { extensions: { code: 'TOO_MANY_OPERATIONS' } });
}

function stillEnding(id: string): GraphQLError {
  const message = `operation ${id} is still being ended: use another identifier`;
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
}

function internalError(): GraphQLError {
  return new GraphQLError('Internal server error', { extensions: { code: 'INTERNAL_SERVER_ERROR' } });
}
