import type { TaskProgress } from '@backhaul/domain';
import { rows, type Executor } from '../database/statement.ts';
import { storableJson } from '../database/storable-json.ts';
import { isUuid } from '../database/uuid.ts';

export interface ReportedProgress {
  progress: TaskProgress;
  senderId: string;
}

/** Stores progress of running attempts, of the fence and holder on record only. Returns how many counted. */
export async function storeProgress(on: Executor, reports: ReportedProgress[]): Promise<number> {
  const usable = reports.filter(({ progress, senderId }) => isUuid(progress.taskId) && isUuid(senderId));
  const stored = await rows(
    on,
    `with report as (
       select distinct on ("taskId") "taskId", fence, "senderId", progress
         from jsonb_to_recordset($1::jsonb) with ordinality as report
              ("taskId" uuid, fence bigint, "senderId" uuid, progress jsonb, position bigint)
        order by "taskId", position desc
     ), running as (
       select tasks.id, report.progress
         from tasks join report
           on report."taskId" = tasks.id and report.fence = tasks.fence and report."senderId" = tasks.transporter_id
        where tasks.state = 'running' order by tasks.id for no key update of tasks
     )
     update tasks set progress = running.progress from running where tasks.id = running.id returning tasks.id`,
    [
      storableJson(
        usable.map(({ progress, senderId }) => ({
          taskId: progress.taskId,
          fence: progress.fence,
          senderId,
          progress,
        })),
      ),
    ],
  );
  return stored.length;
}
