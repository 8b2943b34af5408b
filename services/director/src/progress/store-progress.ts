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
  const stored = await rows(
    on,
    `with running as (
       select tasks.id, report.progress
         from jsonb_to_recordset($1::jsonb) as report
              ("taskId" uuid, fence bigint, "senderId" uuid, progress jsonb)
         join tasks on report."taskId" = tasks.id and report.fence = tasks.fence
          and report."senderId" = tasks.transporter_id
        where tasks.state = 'running' order by tasks.id for no key update of tasks
     )
     update tasks set progress = running.progress from running where tasks.id = running.id returning tasks.id`,
    [storableJson(latestOfEach(reports))],
  );
  return stored.length;
}

function latestOfEach(reports: ReportedProgress[]) {
  const latest = new Map<string, { taskId: string; fence: number; senderId: string; progress: TaskProgress }>();
  for (const { progress, senderId } of reports) {
    const { taskId, fence } = progress;
    if (!isUuid(taskId) || !isUuid(senderId)) continue;
    latest.set(`${taskId} ${fence} ${senderId}`, { taskId, fence, senderId, progress });
  }
  return [...latest.values()];
}
