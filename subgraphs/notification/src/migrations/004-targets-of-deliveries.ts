import { Migration } from '@mikro-orm/migrations';

/** A delivery says whom it goes to, so that one receiver's backlog is left out while others' deliveries are begun. */
export class TargetsOfDeliveries extends Migration {
  override up(): void {
    this.addSql(`alter table delivery add target_id text`);
    this.addSql(`
      update delivery set target_id = convert_from(state.value, 'UTF8')::jsonb->>'targetId'
      from state where state.key = 'delivery-' || delivery.id and delivery.due_at is not null`);
    this.addSql(`drop index delivery_due`);
    // What is left out is passed over in the index.
    this.addSql(`
      create index delivery_due on delivery (channel, due_at, id) include (target_id) where due_at is not null`);
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
        insert into delivery (id, notification_id, channel, target_id, status, due_at, attempts, created_at)
        values (
          substr(new.key, 10), doc->>'notificationId', doc->>'channel', doc->>'targetId', doc->>'status',
          (doc->>'dueAt')::timestamptz, doc->'attempts', (doc->>'createdAt')::timestamptz
        )
        on conflict (id) do update set
          target_id = excluded.target_id, status = excluded.status, due_at = excluded.due_at,
          attempts = excluded.attempts;
        return null;
      end $$`);
  }
}
