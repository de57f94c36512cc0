import { Migration } from '@mikro-orm/migrations';

/**
 * What lists filter, search and order by. Each order has an index that begins with owner and status: a list is a merge
 * of one range for each status it asks for, so that a page costs the same however many tasks there are. The newest of
 * all statuses have an index since the first migration.
 */
export class TaskLists extends Migration {
  override up(): void {
    this.addSql(`
      alter table task
        add priority smallint not null default 2,
        add tags text[] not null default '{}',
        add due_time_zone text,
        add checklist jsonb not null default '[]',
        add search tsvector not null default ''`);
    this.addSql(`create index task_created on task (owner_id, status, created_at, id)`);
    this.addSql(`create index task_updated on task (owner_id, status, updated_at, id)`);
    // Tasks without a due date come last in both directions, so that each direction has an index of its own.
    this.addSql(`create index task_due_asc on task (owner_id, status, coalesce(due_at, 'infinity'::timestamptz), id)`);
    this.addSql(
      `create index task_due_desc on task (owner_id, status, coalesce(due_at, '-infinity'::timestamptz), id)`,
    );
    this.addSql(`create index task_priority on task (owner_id, status, priority, id)`);
    // Without a list of pending entries: a search would have to read it, and some write would have to empty it.
    this.addSql(`create index task_search on task using gin (search) with (fastupdate = off)`);
    for (const sql of [...search, ...tags, projection, fill]) this.addSql(sql);
  }
}

/**
 * Words are told in the same way in tasks and in what is searched for, whatever the database's locale: in lower case,
 * parted by white space and punctuation; emoji, and letters of scripts that put no space between words, are words of
 * their own; marks of direction and joiners are left out. Each word begins with a print of its owner, so that an index
 * range holds the words of one owner alone.
 */
const search = [
  `create function task_words(content text) returns setof text language sql immutable parallel safe as $$
    select distinct left(word, 64)
    from regexp_split_to_table(
      regexp_replace(
        regexp_replace(
          lower(normalize(content, nfkc)), '[\\u00AD\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u206F\\uFE00-\\uFE0F\\uFEFF]+', '', 'g'
        ),
        '([\\u2600-\\u27BF\\u2B00-\\u2BFF\\u3041-\\u30FF\\u3400-\\u9FFF\\U0001F000-\\U0001FAFF\\U00020000-\\U0003FFFF])', ' \\1 ', 'g'
      ),
      '[\\u0001-/:-@\\[-\`{-\\u00A9\\u00AB-\\u00B4\\u00B6-\\u00B9\\u00BB-\\u00BF\\u00D7\\u00F7\\u05BE\\u05C0\\u05C3\\u05F3\\u05F4\\u060C\\u061B\\u061F\\u066A-\\u066D\\u06D4\\u0964\\u0965\\u2000-\\u206F\\u2190-\\u25FF\\u2E00-\\u2E7F\\u3000-\\u3040]+'
    ) as word
    where word <> ''
  $$`,
  `create function task_owner_print(owner_id text) returns text language sql immutable parallel safe as $$
    select left(encode(sha256(convert_to(owner_id, 'UTF8')), 'hex'), 8)
  $$`,
  // Tags are there as a whole as well, behind a character that no word has. The print is worked out once.
  `create function task_search(owner_id text, content text, tags text[])
  returns tsvector language plpgsql immutable parallel safe as $$
  declare
    print text := task_owner_print(owner_id);
  begin
    return array_to_tsvector(array(
      select print || word from task_words(content) word
      union all select print || '#' || tag from unnest(tags) tag
    ));
  end $$`,
  // Words are found by their beginnings; a text without a word finds nothing. No word has a quote or a backslash.
  `create function task_search_query(owner_id text, content text, tags text[])
  returns tsquery language sql immutable parallel safe as $$
    select string_agg('''' || task_owner_print(owner_id) || part, ' & ')::tsquery
    from (
      select word || ''':*' from task_words(content) word
      union all select '#' || replace(replace(tag, '\\', '\\\\'), '''', '''''') || '''' from unnest(tags) tag
    ) parts (part)
  $$`,
];

/** The newest with a tag: rows of their own, as no index of the task has both a tag and an order. */
const tags = [
  `create table task_tag (
    owner_id text not null,
    tag text not null,
    status text not null,
    created_at timestamptz(3) not null,
    id text not null,
    primary key (owner_id, tag, status, created_at, id)
  )`,
  `create function project_task_tags() returns trigger language plpgsql as $$
  begin
    if tg_op <> 'INSERT' then
      delete from task_tag
      where owner_id = old.owner_id and tag = any(old.tags) and status = old.status
        and created_at = old.created_at and id = old.id;
    end if;
    if tg_op <> 'DELETE' then
      insert into task_tag (owner_id, tag, status, created_at, id)
      select new.owner_id, tag, new.status, new.created_at, new.id from unnest(new.tags) tag;
    end if;
    return null;
  end $$`,
  `create trigger task_tags_inserted after insert on task
  for each row when (new.tags <> '{}') execute function project_task_tags()`,
  `create trigger task_tags_updated after update on task
  for each row when ((old.owner_id, old.status, old.created_at, old.tags)
    is distinct from (new.owner_id, new.status, new.created_at, new.tags)) execute function project_task_tags()`,
  `create trigger task_tags_deleted after delete on task
  for each row when (old.tags <> '{}') execute function project_task_tags()`,
];

const projection = `
  create or replace function project_task() returns trigger language plpgsql as $$
  declare
    doc jsonb;
    tags text[];
  begin
    if tg_op = 'DELETE' then
      delete from task where id = substr(old.key, 6);
      return null;
    end if;
    doc := convert_from(new.value, 'UTF8')::jsonb;
    tags := array(select jsonb_array_elements_text(coalesce(doc->'tags', '[]')));
    insert into task (id, owner_id, title, description, status, priority, tags, due_at, due_time_zone, checklist,
      created_at, updated_at, completed_at, version, search)
    values (
      substr(new.key, 6), doc->>'ownerId', doc->>'title', doc->>'description', doc->>'status',
      coalesce(array_position(array['LOW', 'NORMAL', 'HIGH', 'URGENT'], doc->>'priority'), 2), tags,
      (doc->>'dueAt')::timestamptz, doc->>'dueTimeZone', coalesce(doc->'checklist', '[]'),
      (doc->>'createdAt')::timestamptz, (doc->>'updatedAt')::timestamptz, (doc->>'completedAt')::timestamptz,
      (doc->>'version')::integer,
      task_search(
        doc->>'ownerId',
        concat_ws(' ', doc->>'title', doc->>'description', array_to_string(tags, ' '),
          (select string_agg(item->>'text', ' ') from jsonb_array_elements(doc->'checklist') item)),
        tags
      )
    )
    on conflict (id) do update set
      owner_id = excluded.owner_id, title = excluded.title, description = excluded.description,
      status = excluded.status, priority = excluded.priority, tags = excluded.tags, due_at = excluded.due_at,
      due_time_zone = excluded.due_time_zone, checklist = excluded.checklist, created_at = excluded.created_at,
      updated_at = excluded.updated_at, completed_at = excluded.completed_at, version = excluded.version,
      search = excluded.search;
    return null;
  end $$`;

/** Documents from before get the defaults of what is new, and with them their rows: the trigger sees to that. */
const fill = `
  update state set
    value = convert_to(
      ('{"priority": "NORMAL", "tags": [], "dueTimeZone": null, "checklist": []}'
        || convert_from(value, 'UTF8')::jsonb)::text,
      'UTF8'),
    etag = gen_random_uuid()
  where key like 'task-%'`;
