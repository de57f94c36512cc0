import { kubectl } from '../../scripts/lib/kubectl.ts';

/** A cluster takes a node for lost that says nothing for 40 seconds or more (kube-controller-manager's grace period). */
const HEARTBEAT_MS = 15_000;

/**
 * Says for as long as the tests run that a cluster's simulated nodes (kwok) are well: where nothing renews their leases, their
 * pods would stop being ready in the middle of a roll-out. Other nodes speak for themselves.
 */
export async function speakForSimulatedNodes(): Promise<void> {
  const nodes = (await kubectl('get', 'nodes', '-l', 'type=kwok', '-o', 'name')).split('\n').filter(Boolean);
  const beat = async (): Promise<void> => {
    const lastHeartbeatTime = new Date().toISOString().replace(/\.\d+/, '');
    const ready = { type: 'Ready', status: 'True', lastHeartbeatTime };
    const patch = JSON.stringify({ status: { conditions: [ready] } });
    for (const node of nodes) await kubectl('patch', node, '--subresource=status', '--type=strategic', '-p', patch);
  };
  await beat();
  if (nodes.length > 0)
    setInterval(() => void beat().catch((error: Error) => console.warn(error.message)), HEARTBEAT_MS).unref();
}
