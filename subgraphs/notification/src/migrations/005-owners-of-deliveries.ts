import { Migration } from '@mikro-orm/migrations';

/** A delivery says whose it is, so that one user's backlog is passed over while others' deliveries are begun. */
export class OwnersOfDeliveries extends Migration {
  override up(): void {
    this.addSql(`alter table delivery add owner_id text`);
    this.addSql(`
      update delivery set owner_id = convert_from(state.value, 'UTF8')::jsonb->>'ownerId'
      from state where state.key = 'delivery-' || delivery.id and delivery.due_at is not null`);
    this.addSql(`drop index delivery_due`);
    this.addSql(`
      create index delivery_due on delivery (channel, due_at, id) include (owner_id, target_id) where due_at is not null`);
    this.addSql(`
      create or replace function project_delivery() returns trigger language plpgsql as $$
      declare
        doc jsonb;
      begin
        if tg_op = 'DELETE' then
          delete from delivery where id = substr(old.key, 10);
          return null;
        end if;
        doc := convert_from(new.value, 'UTF8')::jsonb;
        insert into delivery (id, notification_id, channel, owner_id, target_id, status, due_at, attempts, created_at)
        values (
          substr(new.key, 10), doc->>'notificationId', doc->>'channel', doc->>'ownerId', doc->>'targetId',
          doc->>'status', (doc->>'dueAt')::timestamptz, doc->'attempts', (doc->>'createdAt')::timestamptz
        )
        on conflict (id) do update set
          owner_id = excluded.owner_id, target_id = excluded.target_id, status = excluded.status,
          due_at = excluded.due_at, attempts = excluded.attempts;
        return null;
      end $$`);
  }
}
