import { existsSync, readFileSync } from 'node:fs';
import { readApps } from '@todo/dev/apps/list';
import { parse } from 'yaml';

type Resiliency = { spec: { targets: { apps: Record<string, { retry?: string }> } } };
type Configuration = { spec: { accessControl?: { defaultAction?: string } } };

/**
 * Where Dapr's resources do not follow dapr.yaml: an app that Resiliency does not name, without a retry, has its
 * mutations run again by Dapr's default; one without a policy of its own can be called by every other.
 */
export function appDrift(): string[] {
  const { apps: targets } = (parse(readFileSync('dev/dapr/resources/resiliency.yaml', 'utf8')) as Resiliency).spec
    .targets;
  const apps = readApps('dapr.yaml');
  const problems = Object.keys(targets)
    .filter((name) => !apps.some((app) => app.id === name))
    .map((name) => `resiliency.yaml names ${name}, which dapr.yaml does not`);
  for (const { id, configFile } of apps) {
    if (!(id in targets)) problems.push(`resiliency.yaml does not name ${id}: Dapr would retry its mutations`);
    if (targets[id]?.retry) problems.push(`resiliency.yaml retries ${id}: its mutations would run twice`);
    if (!existsSync(configFile)) problems.push(`dapr.yaml: ${id} has no configuration ${configFile}`);
    else if (actionOf(configFile) !== 'deny') problems.push(`${configFile}: accessControl.defaultAction must be deny`);
  }
  return problems;
}

const actionOf = (file: string): string | undefined =>
  (parse(readFileSync(file, 'utf8')) as Configuration).spec.accessControl?.defaultAction;
