import { calendarTargetSuite, contactTargetSuite } from '@backhaul/engine/testing/suites';
import { afterAll, beforeAll } from '@jest/globals';
import { simulatedCalendarTarget, simulatedContactTarget } from './simulated-targets.ts';
import { simulatorScene, type SimulatorScene } from './simulator-scene.ts';

let scene: SimulatorScene;
beforeAll(async () => {
  scene = await simulatorScene({ mailboxes: 1, messages: 1, seed: 7 });
});
afterAll(() => scene.close());

contactTargetSuite('on Graph', () => simulatedContactTarget(scene));
calendarTargetSuite('on Graph', () => simulatedCalendarTarget(scene));
