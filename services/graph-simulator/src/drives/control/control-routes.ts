import type { ControlRoute } from '../../control/control-server.ts';
import { readNumber } from '../../control/control-query.ts';
import { LongAnswer } from '../../control/long-answer.ts';
import type { GraphContext } from '../../graph/graph-context.ts';
import { driveTruth } from '../truth/drive-truth.ts';
import { findDrive } from './find-drive.ts';

/** What the control port can be asked about drives. */
export function drivesControlRoutes({ tenant }: GraphContext): ControlRoute[] {
  return [
    {
      method: 'GET',
      path: '/drive-truth',
      handle: ({ query }) => {
        const user = query.get('user');
        if (user === null) throw new Error('the truth of a drive needs ?user=');
        const mark = readNumber(query, 'mark') ?? tenant.sequence;
        if (mark > tenant.sequence) throw new Error(`there is no mark ${mark} yet`);
        const { items, ...head } = driveTruth(tenant, findDrive(tenant, user), mark, query.get('hashes') !== 'false');
        return new LongAnswer(head, 'items', items);
      },
    },
  ];
}
