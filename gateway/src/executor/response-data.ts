import type { FormattedExecutionResult } from 'graphql';

/** The data of a response as JSON text, which is handed on as it is. Whoever needs the values has them by `toJSON`. */
class ResponseData {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): Record<string, unknown> {
    return JSON.parse(this.text) as Record<string, unknown>;
  }
}

/** The same, as results have it. */
export function responseData(text: string): Record<string, unknown> {
  return new ResponseData(text) as unknown as Record<string, unknown>;
}

/** The JSON text of a result; of data that are text, that text. */
export function resultText({ data, ...rest }: FormattedExecutionResult): string {
  const { errors, ...others } = rest;
  const start = errors === undefined ? '' : `"errors":${JSON.stringify(errors)}`;
  const text = data instanceof ResponseData ? data.text : JSON.stringify(data);
  const more = JSON.stringify(others).slice(1, -1);
  return `{${[start, text === undefined ? '' : `"data":${text}`, more].filter((part) => part !== '').join()}}`;
}
