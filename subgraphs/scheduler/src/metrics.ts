import { Counter, Histogram } from 'prom-client';

/** The scheduler's metrics; labels are fixed words. */
export const metrics = {
  fired: new Counter({
    name: 'reminders_fired_total',
    help: 'Jobs of reminders that fired: sent, superseded (taken back, moved or sent before), failed (will fire again)',
    labelNames: ['outcome'] as const,
  }),
  lateness: new Histogram({
    name: 'reminder_lateness_seconds',
    help: 'Time from when a reminder was to be sent until it was published',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300, 3600],
  }),
  series: new Counter({
    name: 'recurrence_series_total',
    help: 'What became of series: moved (the next task is there), ended (by the rule, or with the task)',
    labelNames: ['outcome'] as const,
  }),
  repairs: new Counter({
    name: 'reconciler_repairs_total',
    help: 'Jobs that the reconciler put right: missing (set), stale (set again), orphaned (deleted)',
    labelNames: ['kind'] as const,
  }),
  checked: new Counter({ name: 'reconciler_jobs_checked_total', help: 'Jobs that the reconciler looked at' }),
  runs: new Counter({
    name: 'reconciler_runs_total',
    help: 'Runs of the reconciler: whole (all hours seen), part (the next goes on), skipped (another replica runs), failed',
    labelNames: ['outcome'] as const,
  }),
};
