import { Migration } from '@mikro-orm/migrations';
import { outboxIndexSql } from '@todo/service/outbox';

/** Dapr in, SQL out: a trigger on Dapr's state table keeps a typed, indexed row for each task document. */
export class TaskProjection extends Migration {
  override up(): void {
    this.addSql(`
      create table task (
        id text primary key,
        owner_id text not null,
        title text not null,
        description text,
        status text not null,
        due_at timestamptz(3),
        created_at timestamptz(3) not null,
        updated_at timestamptz(3) not null,
        completed_at timestamptz(3),
        version integer not null
      )`);
    this.addSql(`create index task_newest on task (owner_id, created_at desc, id desc)`);
    this.addSql(`
      create function project_task() returns trigger language plpgsql as $$
      declare
        doc jsonb;
      begin
        if tg_op = 'DELETE' then
          delete from task where id = substr(old.key, 6);
          return null;
        end if;
        doc := convert_from(new.value, 'UTF8')::jsonb;
        insert into task (id, owner_id, title, description, status, due_at, created_at, updated_at, completed_at, version)
        values (
          substr(new.key, 6), doc->>'ownerId', doc->>'title', doc->>'description', doc->>'status',
          (doc->>'dueAt')::timestamptz, (doc->>'createdAt')::timestamptz, (doc->>'updatedAt')::timestamptz,
          (doc->>'completedAt')::timestamptz, (doc->>'version')::integer
        )
        on conflict (id) do update set
          owner_id = excluded.owner_id, title = excluded.title, description = excluded.description,
          status = excluded.status, due_at = excluded.due_at, created_at = excluded.created_at,
          updated_at = excluded.updated_at, completed_at = excluded.completed_at, version = excluded.version;
        return null;
      end $$`);
    this.addSql(`
      create trigger task_written after insert or update on state
      for each row when (new.key like 'task-%') execute function project_task()`);
    this.addSql(`
      create trigger task_deleted after delete on state
      for each row when (old.key like 'task-%') execute function project_task()`);
    this.addSql(outboxIndexSql);
  }
}
