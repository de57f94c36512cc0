import { Migration } from '@mikro-orm/migrations';

/**
 * Feed entries end after 90 days, and can be read all at once; beside them the log of deliveries, the times of digests, and
 * dead letters. Each is a projection of the documents with one prefix, kept by a trigger in the same transaction; what
 * Dapr deletes when its time is over goes from the projection as well.
 */
export class Deliveries extends Migration {
  override up(): void {
    for (const sql of [...feed, ...deliveries, ...recipients, ...deadLetters]) this.addSql(sql);
  }
}

/** Triggers that keep a projection of the documents whose keys begin with a prefix. */
const triggers = (table: string, prefix: string, deletes = true): string[] => [
  `create trigger ${table}_written after insert or update on state
   for each row when (new.key like '${prefix}%') execute function project_${table}()`,
  ...(deletes
    ? [
        `create trigger ${table}_deleted after delete on state
         for each row when (old.key like '${prefix}%') execute function project_${table}()`,
      ]
    : []),
];

const feed = [
  // Of the database's clock: replicas' clocks differ, and a digest must leave nothing out.
  `alter table notification add recorded_at timestamptz(3) not null default now()`,
  `create index notification_recorded on notification (owner_id, recorded_at)`,
  `create index notification_newest_unread on notification (owner_id, created_at desc, id desc) where read_at is null`,
  `drop index notification_unread`,
  `create or replace function project_notification() returns trigger language plpgsql as $$
  declare
    doc jsonb;
  begin
    if tg_op = 'DELETE' then
      delete from notification where id = substr(old.key, 14);
      return null;
    end if;
    doc := convert_from(new.value, 'UTF8')::jsonb;
    insert into notification (id, owner_id, task_id, kind, message, created_at, read_at)
    values (
      substr(new.key, 14), doc->>'ownerId', doc->>'taskId', doc->>'kind', doc->>'message',
      (doc->>'createdAt')::timestamptz, (doc->>'readAt')::timestamptz
    )
    on conflict (id) do update set
      owner_id = excluded.owner_id, task_id = excluded.task_id, kind = excluded.kind,
      message = excluded.message, created_at = excluded.created_at,
      read_at = coalesce(notification.read_at, excluded.read_at);
    return null;
  end $$`,
  `create function project_feed_read() returns trigger language plpgsql as $$
  declare
    doc jsonb := convert_from(new.value, 'UTF8')::jsonb;
  begin
    update notification set read_at = (doc->>'at')::timestamptz
    where owner_id = doc->>'ownerId' and read_at is null and created_at <= (doc->>'until')::timestamptz;
    return null;
  end $$`,
  ...triggers('feed_read', 'feed-read-', false),
  // Entries from before had no end.
  `update state set expires_at = (convert_from(value, 'UTF8')::jsonb->>'createdAt')::timestamptz + interval '90 days'
   where key like 'notification-%' and expires_at is null`,
];

const deliveries = [
  `create table delivery (
    id text primary key,
    notification_id text,
    channel text not null,
    status text not null,
    due_at timestamptz(3),
    attempts jsonb not null,
    created_at timestamptz(3) not null
  )`,
  `create index delivery_due on delivery (channel, due_at, id) where due_at is not null`,
  `create index delivery_of_notification on delivery (notification_id, id) where notification_id is not null`,
  `create function project_delivery() returns trigger language plpgsql as $$
  declare
    doc jsonb;
  begin
    if tg_op = 'DELETE' then
      delete from delivery where id = substr(old.key, 10);
      return null;
    end if;
    doc := convert_from(new.value, 'UTF8')::jsonb;
    insert into delivery (id, notification_id, channel, status, due_at, attempts, created_at)
    values (
      substr(new.key, 10), doc->>'notificationId', doc->>'channel', doc->>'status', (doc->>'dueAt')::timestamptz,
      doc->'attempts', (doc->>'createdAt')::timestamptz
    )
    on conflict (id) do update set
      status = excluded.status, due_at = excluded.due_at, attempts = excluded.attempts;
    return null;
  end $$`,
  ...triggers('delivery', 'delivery-'),
];

const recipients = [
  `create table recipient (
    key text primary key,
    owner_id text not null,
    next_digest_at timestamptz(3)
  )`,
  `create index recipient_digest on recipient (next_digest_at) where next_digest_at is not null`,
  `create function project_recipient() returns trigger language plpgsql as $$
  declare
    doc jsonb;
  begin
    if tg_op = 'DELETE' then
      delete from recipient where key = old.key;
      return null;
    end if;
    doc := convert_from(new.value, 'UTF8')::jsonb;
    insert into recipient (key, owner_id, next_digest_at)
    values (
      new.key, doc->>'ownerId',
      least((doc#>>'{digests,DAILY,nextAt}')::timestamptz, (doc#>>'{digests,WEEKLY,nextAt}')::timestamptz)
    )
    on conflict (key) do update set next_digest_at = excluded.next_digest_at;
    return null;
  end $$`,
  ...triggers('recipient', 'recipient-'),
];

const deadLetters = [
  `create table dead_letter (
    id text primary key,
    topic text not null,
    status text not null,
    received_at timestamptz(3) not null
  )`,
  `create index dead_letter_newest on dead_letter (status, received_at desc, id desc)`,
  `create index dead_letter_of_topic on dead_letter (status, topic, received_at desc, id desc)`,
  `create function project_dead_letter() returns trigger language plpgsql as $$
  declare
    doc jsonb;
  begin
    if tg_op = 'DELETE' then
      delete from dead_letter where id = substr(old.key, 13);
      return null;
    end if;
    doc := convert_from(new.value, 'UTF8')::jsonb;
    insert into dead_letter (id, topic, status, received_at)
    values (substr(new.key, 13), doc->>'topic', doc->>'status', (doc->>'receivedAt')::timestamptz)
    on conflict (id) do update set status = excluded.status, received_at = excluded.received_at;
    return null;
  end $$`,
  ...triggers('dead_letter', 'dead-letter-'),
];
