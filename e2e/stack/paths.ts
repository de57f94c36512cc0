/** The data folder of the stack under test. */
export const DATA = '.data/e2e';
