import pg from 'pg';

export type Database = {
  /** Name of the database and of the role that owns it. */
  name: string;
  /** The app that is told of it, by `databaseVariable`. */
  app?: string;
  /** The app whose sidecar keeps state in it, and the variable that its component reads the URL from. */
  sidecar?: { app: string; variable: string };
};

/** One database and one role per service; no role can connect to another's. */
export const databases: Database[] = [
  { name: 'task', app: 'task-service', sidecar: { app: 'task-service', variable: 'TASK_STATE_URL' } },
  { name: 'scheduler', sidecar: { app: 'scheduler-service', variable: 'SCHEDULER_STATE_URL' } },
  {
    name: 'notification',
    app: 'notification-service',
    sidecar: { app: 'notification-service', variable: 'NOTIFICATION_STATE_URL' },
  },
  { name: 'analytics', app: 'analytics-service' },
  { name: 'identity' },
];

/** The environment variable by which an app knows its database. */
export const databaseVariable = (name: string): string => `${name.toUpperCase()}_DATABASE_URL`;

/** URL of a database for its own role. `server` is any URL of the server; its path and credentials are replaced. */
export const databaseUrl = (server: string, name: string, password: string): string => {
  const url = new URL(server);
  url.username = name;
  url.password = password;
  url.pathname = `/${name}`;
  return url.href;
};

/** Creates what is missing and sets the roles' passwords. `server` is a URL for a role that may do that. */
export const createDatabases = async (server: string, passwords: Record<string, string>): Promise<void> => {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    for (const { name } of databases) await createDatabase(client, name, passwords[name] ?? '');
  } finally {
    await client.end();
  }
};

const createDatabase = async (client: pg.Client, name: string, password: string): Promise<void> => {
  const id = client.escapeIdentifier(name);
  const roles = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  if (roles.rowCount === 0) await client.query(`CREATE ROLE ${id} LOGIN`);
  await client.query(`ALTER ROLE ${id} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
  const existing = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  if (existing.rowCount === 0) {
    // Without being a superuser, only a member of a role may give it a database.
    await client.query(`GRANT ${id} TO CURRENT_USER`);
    await client.query(`CREATE DATABASE ${id} OWNER ${id}`);
  }
  await client.query(`REVOKE ALL ON DATABASE ${id} FROM PUBLIC`);
};
