import { type Dashboard, perSecond, quantile } from './build.ts';

export const tasks: Dashboard = {
  uid: 'todo-tasks',
  title: 'Tasks, reminders, notifications',
  rows: [
    {
      title: 'Tasks',
      panels: [
        {
          title: 'Tasks created a minute',
          unit: 'short',
          queries: [['sum (rate(tasks_created_total{$at}[$every])) * 60', 'created']],
        },
        { title: 'Open tasks', unit: 'short', now: true, queries: [['max (active_tasks{$at})', 'open']] },
        {
          title: 'From creation to completion',
          unit: 's',
          queries: [
            [quantile(0.5, 'task_completion_seconds'), 'half'],
            [quantile(0.95, 'task_completion_seconds'), '95 %'],
          ],
        },
      ],
    },
    {
      title: 'Reminders',
      panels: [
        {
          title: 'Reminders that fired',
          unit: 'ops',
          queries: [[perSecond('reminders_fired_total', ['outcome']), '{{outcome}}']],
        },
        {
          title: 'How late they are',
          unit: 's',
          queries: [
            [quantile(0.5, 'reminder_lateness_seconds'), 'half'],
            [quantile(0.99, 'reminder_lateness_seconds'), '99 %'],
          ],
        },
        {
          title: 'What the reconciler put right',
          unit: 'short',
          queries: [
            ['sum by (kind) (increase(reconciler_repairs_total{$at}[$every]))', '{{kind}}'],
            ['sum by (outcome) (increase(reconciler_runs_total{$at}[$every]))', 'runs: {{outcome}}'],
          ],
        },
        {
          title: 'Series of tasks',
          unit: 'ops',
          queries: [[perSecond('recurrence_series_total', ['outcome']), '{{outcome}}']],
        },
      ],
    },
    {
      title: 'Notifications',
      panels: [
        {
          title: 'Attempts to send',
          unit: 'ops',
          queries: [[perSecond('notification_deliveries_total', ['channel', 'outcome']), '{{channel}} {{outcome}}']],
        },
        {
          title: 'Receivers that nothing gets through to',
          description: 'EMAIL and SMS have one for all users; webhooks and push subscriptions have one each.',
          unit: 'short',
          queries: [['max by (channel) (notification_circuits_open{$at})', '{{channel}}']],
        },
        {
          title: 'Until the receiver has it, 95 %',
          unit: 's',
          queries: [[quantile(0.95, 'notification_delivery_delay_seconds', '', ['channel']), '{{channel}}']],
        },
        {
          title: 'Digests',
          unit: 'ops',
          queries: [[perSecond('notification_digests_total', ['outcome']), '{{outcome}}']],
        },
      ],
    },
  ],
};
