import { describe, expect, test } from '@jest/globals';
import { appPorts, parseApps } from './list.ts';

const app = (id: string, port: number, more = ''): string => `
  - appID: ${id}
    appDirPath: ./${id}
    appPort: ${port}
    daprHTTPPort: ${port + 1}
    daprGRPCPort: ${port + 2}
    daprInternalGRPCPort: ${port + 3}
    metricsPort: ${port + 4}
    configFilePath: ./${id}.yaml
    command: ['node', 'src/main.ts']
${more}`;

const list = (...apps: string[]): string => `
version: 1
common:
  resourcesPaths: [./resources]
  env: { NODE_ENV: development, LEVEL: 1 }
apps:${apps.join('')}`;

describe('the list of apps', () => {
  test('has absolute paths, and settings as text that an app may override', () => {
    const [one] = parseApps(list(app('one', 5000, '    env: { LEVEL: 2, PORT: 4000 }')), '/project/dapr.yaml');
    expect(one).toMatchObject({
      id: 'one',
      dir: '/project/one',
      configFile: '/project/one/one.yaml',
      resources: ['/project/resources'],
      publicPort: 4000,
      env: { NODE_ENV: 'development', LEVEL: '2', PORT: '4000' },
    });
  });

  test('says every mistake and where it is', () => {
    const text = list(app('One', 70_000, '    colour: red'));
    expect(() => parseApps(text, 'dapr.yaml')).toThrow(
      /apps\.0\.appID: must be lower-case(.|\n)*apps\.0\.appPort(.|\n)*colour/,
    );
  });

  test('refuses two apps on one port', () => {
    expect(() => parseApps(list(app('one', 5000), app('two', 5004)), 'dapr.yaml')).toThrow(
      'dapr.yaml: port 5004 is used twice, by one and two',
    );
  });

  test('refuses two apps of one name', () => {
    expect(() => parseApps(list(app('one', 5000), app('one', 6000)), 'dapr.yaml')).toThrow('app id one is used twice');
  });

  test('opens nothing but a public port beyond loopback', () => {
    const [one] = parseApps(list(app('one', 5000, '    env: { PORT: 4000 }')), 'dapr.yaml');
    const open = one === undefined ? [] : appPorts(one).filter(({ host }) => host !== '127.0.0.1');
    expect(open.map(({ port }) => port)).toEqual([4000]);
  });
});
