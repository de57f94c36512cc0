import { Migration } from '@mikro-orm/migrations';
import { inboxTableSql } from '@todo/service/inbox';

export class DailyActivity extends Migration {
  override up(): void {
    this.addSql(inboxTableSql);
    this.addSql(`
      create table daily_activity (
        owner_id text not null,
        day date not null,
        created integer not null default 0,
        completed integer not null default 0,
        primary key (owner_id, day)
      )`);
  }
}
