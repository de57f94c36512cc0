import { expect, test } from '@jest/globals';
import { MessageType, stringifyMessage } from 'graphql-ws';
import { responseData } from '../executor/response-data.ts';
import { createResults } from './websocket-results.ts';

test('a result gets into its message as the text that it is', async () => {
  const sent: string[] = [];
  const { payloadOf, send } = createResults(async (message) => void sent.push(message));
  const text = '{"price":1.50,"name":"\\u0041 $& \\"payload\\":0}"}';
  const payload = payloadOf({ data: responseData(text), errors: [{ message: 'no' }], extensions: { cursor: 'c' } });
  await send(stringifyMessage({ id: '"payload":0}', type: MessageType.Next, payload: payload as never }));
  await send(stringifyMessage({ type: MessageType.Ping }));
  const whole = `"payload":{"errors":[{"message":"no"}],"data":${text},"extensions":{"cursor":"c"}}`;
  expect(sent).toEqual([`{"id":"\\"payload\\":0}","type":"next",${whole}}`, '{"type":"ping"}']);
});
