import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The grant as one server-side call, so that no lock waits for a client. For each wish in the given order it finds the
 * lane's lowest free slot and turns the task from queued to running under a new fence; see `grants/grant.store`.
 */
export class GrantTasks1764000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(GRANT_TASKS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function grant_tasks(bigint, jsonb)');
  }
}

const GRANT_TASKS = `
create function grant_tasks(my_epoch bigint, wishes jsonb)
returns table (wished_task uuid, verdict text, granted_fence bigint, granted_slot integer, earlier_attempts integer,
               task_spec jsonb)
language plpgsql as $$
declare
  wish record;
  lane lanes%rowtype;
  task tasks%rowtype;
  at_work integer;
begin
  -- Shared with other grants of this leader; a take-over locks the row for itself and so waits for them, once.
  perform from leader where epoch = my_epoch for share;
  if not found then
    raise exception 'another Director dispatches' using errcode = 'BH001';
  end if;

  -- One order of locks in the whole system: runs, lanes, tasks, each by id.
  perform from lanes where id in (select (value ->> 'laneId')::uuid from jsonb_array_elements(wishes))
    order by id for update;
  perform from tasks where id in (select (value ->> 'taskId')::uuid from jsonb_array_elements(wishes))
    order by id for update;

  for wish in
    select (value ->> 'taskId')::uuid as task_id, (value ->> 'transporterId')::uuid as transporter_id,
           value ->> 'boot' as boot
      from jsonb_array_elements(wishes) with ordinality order by ordinality
  loop
    wished_task := wish.task_id;
    granted_fence := null;
    granted_slot := null;
    earlier_attempts := null;
    task_spec := null;

    select * into task from tasks where id = wish.task_id;
    select * into lane from lanes where id = task.lane_id;
    select count(*) into at_work from tasks where lane_id = task.lane_id and state = 'running';

    if task.id is null or task.state <> 'queued' or task.cancel_requested then
      verdict := 'not-queued';
    elsif task.not_before > clock_timestamp() then
      verdict := 'not-yet';
    elsif lane.paused then
      verdict := 'lane-paused';
    elsif at_work >= lane.task_limit then
      verdict := 'lane-full';
    elsif not exists (select from transporters where id = wish.transporter_id and revoked_at is null) then
      verdict := 'transporter-gone';
    else
      begin
        -- With n at work one of the n + 1 lowest slots is free, and n + 1 is at most the limit.
        select min(candidate) into granted_slot from generate_series(0, at_work) as candidate
         where not exists (select from tasks where lane_id = lane.id and state = 'running' and slot = candidate);
        update tasks
           set state = 'running', fence = nextval('fence_sequence'), slot = granted_slot,
               transporter_id = wish.transporter_id, boot = wish.boot, attempts = attempts + 1, not_before = null,
               started_at = coalesce(started_at, clock_timestamp())
         where id = task.id
     returning fence into granted_fence;
        insert into attempts (fence, task_id, transporter_id, boot, slot)
        values (granted_fence, task.id, wish.transporter_id, wish.boot, granted_slot);
        verdict := 'granted';
        earlier_attempts := task.attempts;
        task_spec := task.spec;
      exception when unique_violation then
        -- Another lane holds the same mailbox, drive or site.
        verdict := 'object-busy';
        granted_fence := null;
        granted_slot := null;
      end;
    end if;
    return next;
  end loop;
end
$$`;
