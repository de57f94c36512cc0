const last = new Map<string, Promise<void>>();

/** Runs what concerns one thing one after another: each change is based on the version that the one before it made. */
export function inTurn(id: string, run: () => Promise<void>): Promise<void> {
  const turn = (last.get(id) ?? Promise.resolve()).then(run).finally(() => {
    if (last.get(id) === turn) last.delete(id);
  });
  last.set(id, turn);
  return turn;
}
