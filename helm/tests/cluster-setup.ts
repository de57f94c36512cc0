import { kubectl } from '../../scripts/lib/kubectl.ts';

import buildHelm from './setup.ts';
import { speakForSimulatedNodes } from './simulated-nodes.ts';

/** The cluster is to be named: whatever kubectl would talk to otherwise may be somebody's. @throws in one sentence */
export default async function setup(): Promise<void> {
  if (!process.env['KUBECONFIG'])
    throw new Error('KUBECONFIG names no cluster: set it to that of one which tests may install to and delete from');
  await kubectl('get', '--raw', '/readyz').catch((error: Error) => {
    throw new Error(`no cluster answers for KUBECONFIG=${process.env['KUBECONFIG']}: ${error.message}`);
  });
  await kubectl('get', 'crd', 'components.dapr.io').catch((error: Error) => {
    throw new Error(`the cluster lacks Dapr, which docs/operations.md says how to install: ${error.message}`);
  });
  await buildHelm();
  await speakForSimulatedNodes();
}
