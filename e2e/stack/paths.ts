import { join } from 'node:path';

/** The data folder of the stack under test. */
export const DATA = '.data/e2e';

/** Written by the stack when all of it is ready. */
export const READY_FILE = join(DATA, 'ready.json');
