import type { Channel, Digest } from '../generated/operations.ts';

export const CHANNELS: Channel[] = ['EMAIL', 'WEB_PUSH', 'WEBHOOK', 'SMS'];
export const DIGESTS: Digest[] = ['NONE', 'DAILY', 'WEEKLY'];

/** A name of the schema as people read it. */
export const words = (name: string): string => {
  const text = name.toLowerCase().replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};
