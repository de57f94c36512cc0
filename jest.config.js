import { randomInt } from 'node:crypto';

// One seed for the whole run, which packages/service/src/testing/sampling.ts reads.
if (process.env.TEST_SEED === 'random') {
  process.env.TEST_SEED = String(randomInt(2 ** 31));
  console.error(`TEST_SEED=${process.env.TEST_SEED}`);
}

/** Unit tests stand beside the code as *.test.ts, those that start a PostgreSQL of their own as *.db.test.ts; e2e tests are one file per behaviour, over the running stack. */
const shared = {
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' }, swcrc: false },
    ],
  },
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/.data/'],
};

export default {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{gateway,subgraphs,packages,dev,scripts,web/src,e2e/soak,e2e/faults}/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '\\.(?:db|steps)\\.test\\.ts$', '/e2e/faults/faults\\.test\\.ts$'],
    },
    { ...shared, displayName: 'database', testMatch: ['<rootDir>/{subgraphs,packages}/**/*.db.test.ts'] },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/e2e/*.test.ts'],
      globalSetup: '<rootDir>/e2e/stack/setup.ts',
      globalTeardown: '<rootDir>/e2e/stack/teardown.ts',
    },
    // What `npm run test:faults` does at length.
    {
      ...shared,
      displayName: 'faults',
      testMatch: ['<rootDir>/e2e/faults/faults.test.ts'],
      globalSetup: '<rootDir>/e2e/faults/setup.ts',
      globalTeardown: '<rootDir>/e2e/stack/teardown.ts',
    },
    // Attacks on the stack that `npm start` runs, with an issuer's key of the tests' own.
    {
      ...shared,
      displayName: 'security',
      testMatch: ['<rootDir>/e2e/security/*.test.ts'],
      globalSetup: '<rootDir>/e2e/security/tools/setup.ts',
      globalTeardown: '<rootDir>/e2e/security/tools/teardown.ts',
    },
    // Over a deployment's public port (E2E_URL), which is not started here: what it takes to trust it, and what else can be seen.
    { ...shared, displayName: 'smoke', testMatch: ['<rootDir>/e2e/smoke.test.ts'] },
    {
      ...shared,
      displayName: 'integration',
      testMatch: [
        '<rootDir>/e2e/{smoke,unauthenticated,owner-only,federated-query,live-subscription,resume}.test.ts',
        '<rootDir>/e2e/{conflict,idempotency,task-bulk,task-filters,task-input,task-list,task-status}.test.ts',
        '<rootDir>/e2e/reminder-mutations.test.ts',
      ],
    },
    // Runs steps of .github/workflows as a runner does.
    { ...shared, displayName: 'workflows', testMatch: ['<rootDir>/scripts/**/*.steps.test.ts'] },
    // Over a stack whose traces go to a real Zipkin server, with a real Prometheus.
    {
      ...shared,
      displayName: 'observability',
      testMatch: ['<rootDir>/observability/*.test.ts'],
      globalSetup: '<rootDir>/observability/setup.ts',
      globalTeardown: '<rootDir>/e2e/stack/teardown.ts',
    },
    // The pages, in Chromium over the running stack.
    {
      ...shared,
      displayName: 'web',
      testMatch: ['<rootDir>/e2e/web/*.test.ts'],
      globalSetup: '<rootDir>/e2e/stack/setup.ts',
      globalTeardown: '<rootDir>/e2e/stack/teardown.ts',
    },
    // Starts and stops stacks itself, so it cannot run beside the e2e tests.
    { ...shared, displayName: 'lifecycle', testMatch: ['<rootDir>/e2e/lifecycle/*.test.ts'] },
    // Builds images and runs them, which needs root.
    { ...shared, displayName: 'image', testMatch: ['<rootDir>/image/*.test.ts'] },
    // What charts render, by helm alone.
    {
      ...shared,
      displayName: 'charts',
      testMatch: ['<rootDir>/helm/tests/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '\\.cluster\\.test\\.ts$'],
      globalSetup: '<rootDir>/helm/tests/setup.ts',
    },
    // What a Kubernetes API makes of them: KUBECONFIG says which.
    {
      ...shared,
      displayName: 'cluster',
      testMatch: ['<rootDir>/helm/tests/*.cluster.test.ts'],
      globalSetup: '<rootDir>/helm/tests/cluster-setup.ts',
    },
  ],
  // Of a test that hangs: no check of how long something takes.
  testTimeout: 120_000,
};
