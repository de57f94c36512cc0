import type { DaprBinaries } from '../dapr/binaries.ts';
import type { Trust } from '../dapr/sentry.ts';

/** Where tokens of users come from. */
export type Auth = { issuer: string; jwksUrl: string; audience: string };

/** Where email goes, as the app that sends it is told. */
export type Mail = { SMTP_URL: string; MAIL_FROM: string };

/** What the apps run on, once it is up. */
export type Infrastructure = {
  dapr: DaprBinaries;
  /** URL of each database for its own role. */
  databaseUrls: Record<string, string>;
  kafkaBrokers: string[];
  trust: Trust;
  schedulerAddress: string;
  auth: Auth;
  /** The mail server and the sender's address. */
  mail: Mail;
};
