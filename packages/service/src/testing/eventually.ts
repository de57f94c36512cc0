/** Asks again until the answer holds. @throws the last failure where it does not hold in time */
export async function eventually(check: () => unknown, withinMs = 60_000): Promise<void> {
  for (const deadline = Date.now() + withinMs; ;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
