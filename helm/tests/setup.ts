import { helm } from '../../scripts/lib/helm.ts';

/** Builds helm where it is nowhere to be found: that takes longer than a test may. */
export default async function setup(): Promise<void> {
  await helm('version');
}
