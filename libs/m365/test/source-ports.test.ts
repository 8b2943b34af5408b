import { calendarSourceSuite, contactSourceSuite, itemSourceSuite } from '@backhaul/engine/testing/suites';
import { afterAll, beforeAll } from '@jest/globals';
import { simulatedCalendar, simulatedContacts } from './simulated-items.ts';
import { simulatedMail } from './simulated-mailbox.ts';
import { simulatorScene, type SimulatorScene } from './simulator-scene.ts';

let scene: SimulatorScene;
beforeAll(async () => {
  scene = await simulatorScene({ mailboxes: 1, messages: 1, seed: 7 });
});
afterAll(() => scene.close());

itemSourceSuite('of mail on Graph', () => simulatedMail(scene));
contactSourceSuite('on Graph', () => simulatedContacts(scene));
calendarSourceSuite('on Graph', () => simulatedCalendar(scene));
