import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

type Step = {
  name?: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
};
type Job = { steps: Step[]; 'timeout-minutes'?: number; permissions?: unknown };
export type Workflow = { file: string; permissions?: unknown; concurrency?: unknown; jobs: Record<string, Job> };

const FOLDER = '.github/workflows';

/** Every workflow of the repository. */
export const workflows = (): Workflow[] =>
  readdirSync(FOLDER).map((file) => ({ ...(parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as Workflow), file }));

/** What a named step runs. @throws where there is no such step */
export function scriptOf(file: string, job: string, name: string): string {
  const steps = workflows().find((workflow) => workflow.file === file)?.jobs[job]?.steps;
  const script = steps?.find((step) => step.name === name)?.run;
  if (script === undefined) throw new Error(`${file} has no step ${name} in ${job}`);
  return script;
}
