/** A whole number from the environment. @throws where it is none */
function fromEnvironment(name: string, byDefault: number, isRight: (value: number) => boolean): number {
  const value = Number(process.env[name] ?? byDefault);
  if (!isRight(value)) throw new Error(`${name} is ${process.env[name]}: it must be a number, as CONTRIBUTING.md says`);
  return value;
}

/**
 * What every random test starts from: `TEST_SEED`, or the same number in each run, so that a run can be repeated. With
 * `TEST_SEED=random` jest.config.js picks one for the whole run. A test must tell it when it fails: fast-check does.
 */
export const seed = fromEnvironment('TEST_SEED', 20_251, Number.isInteger);

/** How many times as much random tests do, and as long as they may take. */
const factor = fromEnvironment('TEST_RUNS', 1, (value) => value > 0);

/**
 * What `fc.assert`, `fc.check` and `fc.sample` take as their parameters, in every test that uses fast-check:
 * `fc.assert(property, sampling(200))`. `runs` times `TEST_RUNS` cases are tried, from `seed`.
 */
export const sampling = (runs: number): { seed: number; numRuns: number } => ({
  seed,
  numRuns: Math.ceil(runs * factor),
});

/** The time limit of a random test, which takes `ms` at most where `TEST_RUNS` is 1: `test(name, play, timeLimit(60_000))`. */
export const timeLimit = (ms: number): number => ms * Math.max(1, factor);
