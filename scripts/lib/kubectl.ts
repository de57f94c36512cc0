import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs kubectl on the cluster that KUBECONFIG names. @throws with what it said, where it failed */
export async function kubectl(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('kubectl', args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}
