/** Resolves once `check` no longer throws; with its last error after `withinMs`. */
export async function eventually(check: () => unknown, withinMs = 60_000): Promise<void> {
  for (const deadline = Date.now() + withinMs; ;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
