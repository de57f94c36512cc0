import { parseArgs } from 'node:util';

export type Options = {
  help: boolean;
  fresh: boolean;
  infra: boolean;
  stay: boolean;
  /** The data directory as given. */
  data: string;
  /** The list of apps, as given. */
  apps: string;
};

export const usage = `Usage: npm start -- [options]

Starts the platform on this machine and stops all of it on Ctrl-C.

  --fresh        delete the data directory first: empty databases, topics and secrets
  --data DIR     where databases, topics, secrets and logs live (default .data)
  --infra        start all but the apps and their sidecars, for use with the Dapr CLI:
                   npm start -- --infra        then, in another terminal,
                   set -a; . .data/infra.env; set +a; PATH="$PWD/node_modules/.bin:$PATH" dapr run -f .
                 The file has what the apps of dapr.yaml need beside it: brokers, database URLs, tokens, trust anchors,
                 addresses of sentry and scheduler. The CLI passes its environment on to apps and sidecars.
  --stay         a part that crashes stays stopped, and the others go on; without it all of them stop
  --apps FILE    another list of apps than dapr.yaml, in the same format
  --help         this text

Environment, each instead of the part that comes with it:
  DATABASE_URL   a PostgreSQL server, as a role that may create roles and databases
  KAFKA_BROKERS  host:port of a Kafka cluster, comma-separated
  REDIS_URL      a Redis, for the gateway's rate limit and the scheduler's state (with --infra, name
                 dev/dapr/scheduler-state/redis in dapr.yaml as well)
  DAPR_BIN       a folder with daprd, scheduler and sentry, 1.18 or newer
  SMTP_URL       a mail server, with MAIL_FROM the sender's address; the own one keeps messages in the data folder
  SMS_URL        an http:// receiver of SMS, in the place of a provider; none are sent without it
  AUTH_ISSUER, AUTH_JWKS_URL, AUTH_AUDIENCE   an identity provider (all three)
SUPERGRAPH     a file or URL with the gateway's supergraph, instead of schema/supergraph.graphql
Ports of the own ones: POSTGRES_PORT (5433), KAFKA_PORT (9092) and KAFKA_CONTROLLER_PORT (9093).
IDENTITY_ADMINS  e-mail addresses whose users are administrators, comma-separated (default admin@example.com)
IDENTITY_RATE_LIMIT=off   lets tests sign up and in as often as they like
`;

/** @throws with the unknown option or missing value named. */
export const parseOptions = (args: string[]): Options => {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', default: false },
      fresh: { type: 'boolean', default: false },
      infra: { type: 'boolean', default: false },
      stay: { type: 'boolean', default: false },
      data: { type: 'string', default: '.data' },
      apps: { type: 'string', default: 'dapr.yaml' },
    },
  });
  return values;
};
