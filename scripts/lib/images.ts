import { chartApps } from './chart-apps.ts';

/** One that is built from here. */
export type Image = {
  image: string;
  /** The folder of its sources: the build argument SERVICE, where the file takes one. */
  service: string;
  file: 'Dockerfile' | 'web/Dockerfile';
  /** Where in the charts' values its digest belongs. */
  values: string;
};

/** What goes into every image (see .dockerignore and the files). */
const EVERY = ['.dockerignore', '.npmrc', 'package.json', 'package-lock.json'];
/** What goes into the images of a file, beside their own sources. */
const SHARED: Record<Image['file'], string[]> = {
  Dockerfile: [...EVERY, 'Dockerfile', 'schema/', 'packages/service/'],
  'web/Dockerfile': [...EVERY, 'tsconfig.json'],
};
/** What no image has: .dockerignore says so. */
const LEFT_OUT = /\.test\.ts$|\/testing\/|\/fixtures\//;

/** Every image of the platform. */
export const images = (): Image[] => [
  ...Object.entries(chartApps()).map(([app, { service }]): Image => ({
    image: `todo-${app}`,
    service,
    file: 'Dockerfile',
    values: app,
  })),
  // It creates the topics.
  { image: 'todo-dev', service: 'dev', file: 'Dockerfile', values: 'topics' },
  // The browser pages, which the gateway serves.
  { image: 'todo-web', service: 'web', file: 'web/Dockerfile', values: 'api-gateway.pages' },
];

/** Whether an image is another one after these files changed. */
export const isChanged = ({ service, file: dockerfile }: Image, files: string[]): boolean =>
  files.some(
    (file) =>
      !LEFT_OUT.test(file) &&
      [...SHARED[dockerfile], `${service}/`].some((path) =>
        path.endsWith('/') ? file.startsWith(path) : file === path,
      ),
  );
