import { Migration } from '@mikro-orm/migrations';
import { outboxIndexSql } from '@todo/service/outbox';

/** Dapr in, SQL out: a trigger on Dapr's state table keeps a typed, indexed row for each feed entry. */
export class FeedProjection extends Migration {
  override up(): void {
    this.addSql(`
      create table notification (
        id text primary key,
        owner_id text not null,
        task_id text not null,
        kind text not null,
        message text not null,
        created_at timestamptz(3) not null,
        read_at timestamptz(3)
      )`);
    this.addSql(`create index notification_newest on notification (owner_id, created_at desc, id desc)`);
    this.addSql(`create index notification_of_task on notification (owner_id, task_id, created_at desc, id desc)`);
    this.addSql(`create index notification_unread on notification (owner_id) where read_at is null`);
    this.addSql(`
      create function project_notification() returns trigger language plpgsql as $$
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
          message = excluded.message, created_at = excluded.created_at, read_at = excluded.read_at;
        return null;
      end $$`);
    this.addSql(`
      create trigger notification_written after insert or update on state
      for each row when (new.key like 'notification-%') execute function project_notification()`);
    this.addSql(`
      create trigger notification_deleted after delete on state
      for each row when (old.key like 'notification-%') execute function project_notification()`);
    this.addSql(outboxIndexSql);
  }
}
