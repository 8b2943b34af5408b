import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a job covers beside the items as they are; jobs from before cover none of it. */
export class BackupExtras1764000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table jobs add column include jsonb not null
         default '{"recoverableItems": false, "fileVersions": false, "filePermissions": false}'`,
    );
    await runner.query('alter table jobs alter column include drop default');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table jobs drop column include');
  }
}
