import { chartApps } from './chart-apps.ts';

/** One that the Dockerfile makes. */
export type Image = {
  image: string;
  /** The build argument SERVICE. */
  service: string;
  /** The key of the charts' values that its digest belongs to. */
  values: string;
};

/** What goes into every image (see the Dockerfile). */
const SHARED = [
  'Dockerfile',
  '.dockerignore',
  '.npmrc',
  'package.json',
  'package-lock.json',
  'schema/',
  'packages/service/',
];
/** What no image has: .dockerignore says so. */
const LEFT_OUT = /\.test\.ts$|\/testing\/|\/fixtures\//;

/** Every image of the platform. */
export const images = (): Image[] => [
  ...Object.entries(chartApps()).map(([app, { service }]) => ({ image: `todo-${app}`, service, values: app })),
  // It creates the topics.
  { image: 'todo-dev', service: 'dev', values: 'topics' },
];

/** Whether an image is another one after these files changed. */
export const isChanged = ({ service }: Image, files: string[]): boolean =>
  files.some(
    (file) =>
      !LEFT_OUT.test(file) &&
      [...SHARED, `${service}/`].some((path) => (path.endsWith('/') ? file.startsWith(path) : file === path)),
  );
