import { join } from 'node:path';
import { setting } from '../start/prepare.ts';
import type { Stack } from '../start/stack.ts';

const APP = 'notification-service';
type Told = Pick<Stack, 'env' | 'root'>;

/** What the app that sends SMS is told where SMS_URL says who takes them: the binding's name. */
export const smsEnv = ({ env }: Pick<Stack, 'env'>, appId: string): Record<string, string> =>
  appId === APP && setting(env, 'SMS_URL') !== undefined ? { SMS_BINDING: 'sms' } : {};

/** Where that app's sidecar finds the binding. */
export const smsResources = ({ env, root }: Told, appId: string): string[] =>
  appId === APP && setting(env, 'SMS_URL') !== undefined ? [join(root, 'dev', 'dapr', 'sms')] : [];
