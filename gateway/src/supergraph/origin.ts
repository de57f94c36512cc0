import type { GatewayConfig } from '../config.ts';
import { fileOrigin } from './file-origin.ts';
import { urlOrigin } from './url-origin.ts';

/** Where a supergraph's SDL comes from. */
export type Origin = {
  /** For logs. */
  name: string;
  /** The SDL; undefined where it is the same as the last time. Rejects where it cannot be had. */
  read: () => Promise<string | undefined>;
  /** Calls `check` when there may be another one, until what is returned is called. */
  watch: (check: () => void) => () => void;
  /** Whether it may come to answer, if it does not yet. */
  mayRecover: boolean;
};

/** A file, or what a URL answers with. */
export function originOf(config: GatewayConfig): Origin {
  return /^https?:\/\//i.test(config.SUPERGRAPH) ? urlOrigin(config) : fileOrigin(config.SUPERGRAPH);
}
