import { Migration } from '@mikro-orm/migrations';

/** An entry says which digest gathers it, so that a change of preferences tells nothing twice, and leaves nothing out. */
export class DigestOfEntry extends Migration {
  override up(): void {
    this.addSql(`alter table notification add digest text not null default 'NONE'`);
    this.addSql(`drop index notification_recorded`);
    this.addSql(`
      create index notification_gathered on notification (owner_id, digest, recorded_at) where digest <> 'NONE'`);
    this.addSql(`
      create or replace function project_notification() returns trigger language plpgsql as $$
      declare
        doc jsonb;
      begin
        if tg_op = 'DELETE' then
          delete from notification where id = substr(old.key, 14);
          return null;
        end if;
        doc := convert_from(new.value, 'UTF8')::jsonb;
        insert into notification (id, owner_id, task_id, kind, message, created_at, read_at, digest)
        values (
          substr(new.key, 14), doc->>'ownerId', doc->>'taskId', doc->>'kind', doc->>'message',
          (doc->>'createdAt')::timestamptz, (doc->>'readAt')::timestamptz, coalesce(doc->>'digest', 'NONE')
        )
        on conflict (id) do update set
          owner_id = excluded.owner_id, task_id = excluded.task_id, kind = excluded.kind,
          message = excluded.message, created_at = excluded.created_at,
          read_at = coalesce(notification.read_at, excluded.read_at);
        return null;
      end $$`);
  }
}
