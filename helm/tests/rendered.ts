import { helmTemplate, type Manifest, manifests } from '../../scripts/lib/helm.ts';

/** Values that an installation must give. */
export const issuer = [
  '--set=api-gateway.env.AUTH_ISSUER=https://id.example.com',
  '--set=api-gateway.env.AUTH_AUDIENCE=todo',
  '--set=api-gateway.env.AUTH_JWKS_URL=https://id.example.com/jwks',
];
export const values = (name: 'dev' | 'prod'): string => `--values=helm/todo-umbrella/values-${name}.yaml`;
export const NAMESPACE = 'todo-app';
export const APPS = ['api-gateway', 'task-service', 'scheduler-service', 'notification-service', 'analytics-service'];

/** What the chart renders with these arguments of helm, and how to find a manifest in it. */
export async function rendered(...args: string[]) {
  const all = manifests(await helmTemplate(NAMESPACE, args));
  const ofKind = (kind: string): Manifest[] => all.filter((manifest) => manifest.kind === kind);
  /** @throws where it is not there, or more than once */
  const one = (kind: string, name: string): Manifest => {
    const [found, ...more] = ofKind(kind).filter(({ metadata }) => metadata.name === name);
    if (found === undefined || more.length > 0) throw new Error(`there is not exactly one ${kind} ${name}`);
    return found;
  };
  return { all, ofKind, one };
}

/** A pod, or that of a Deployment or a Job. */
export const podOf = ({ kind, spec }: Manifest): any => (kind === 'Pod' ? spec : spec.template.spec);
export const containersOf = (manifest: Manifest): any[] => [
  ...(podOf(manifest).initContainers ?? []),
  ...podOf(manifest).containers,
];
