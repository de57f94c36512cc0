/** The full form is what `npm run test:security -- --full` runs; without it a bounded one runs. */
export const isFull = process.env['SECURITY_FULL'] === '1';
