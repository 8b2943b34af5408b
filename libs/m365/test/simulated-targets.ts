import type { LosableTargetRequest, TargetUnderTest } from '@backhaul/engine/testing';
import type { FaultMatch } from '@backhaul/graph-simulator';
import { calendarTarget, contactTarget, type Graph } from '../src/index.ts';
import type { SimulatorScene } from './simulator-scene.ts';

/** The contacts of a new mailbox of the simulated tenant, seen through Graph. */
export function simulatedContactTarget(scene: SimulatorScene) {
  return underTest(scene, contactTarget, '/contactFolders/[^/]+/contacts$');
}

/** The calendars of a new mailbox of the simulated tenant, seen through Graph. */
export function simulatedCalendarTarget(scene: SimulatorScene) {
  return underTest(scene, calendarTarget, '/calendars/[^/]+/events$');
}

async function underTest<T>(
  scene: SimulatorScene,
  open: (graph: Graph, userId: string) => T,
  items: string,
): Promise<TargetUnderTest<T>> {
  const { control } = scene.simulator;
  const { id: mailbox } = await control.addUser();
  const requests: Readonly<Record<LosableTargetRequest, FaultMatch>> = {
    ensureFolder: { method: 'POST', pathRegex: '/(contactFolders|childFolders|calendars)$' },
    create: { method: 'POST', pathRegex: items },
    attach: { method: 'POST', pathRegex: '/attachments$' },
    markComplete: { method: 'PATCH', pathRegex: '/(contacts|events)/[^/]+$' },
    remove: { method: 'POST', pathRegex: '/permanentDelete$' },
  };
  return {
    target: open(scene.open(), mailbox),
    loseAnswer: async (of) =>
      void (await control.addFault({ match: { mailbox, ...requests[of], nth: 1 }, effect: { kind: 'lost-answer' } })),
    async sent() {
      const { mails, invitations } = await control.sent();
      return mails + invitations;
    },
    close: async () => control.clearFaults(),
  };
}
