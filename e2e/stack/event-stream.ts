/** A block of a stream of server-sent events: its fields, each of which comes once. */
export type Block = { id?: string; event?: string; data?: string };

/**
 * Reads server-sent events as the gateway writes them: each field on one line. A block that has only an `id` comes too,
 * as it moves a browser's Last-Event-ID.
 */
export async function* readBlocks(body: ReadableStream<Uint8Array>): AsyncGenerator<Block, void, void> {
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() as string;
    for (const block of blocks) {
      const lines = block.split('\n').map((line) => [line.split(':', 1)[0], line.slice(line.indexOf(':') + 2)]);
      yield Object.fromEntries(lines) as Block;
    }
  }
}
