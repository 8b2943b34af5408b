import { mailSourceSuite, mailTargetSuite } from '@backhaul/engine/testing/suites';
import { afterAll, beforeAll } from '@jest/globals';
import { simulatedMailbox } from './simulated-mailbox.ts';
import { simulatorScene, type SimulatorScene } from './simulator-scene.ts';

let scene: SimulatorScene;
beforeAll(async () => {
  scene = await simulatorScene({ mailboxes: 1, messages: 1, seed: 7 });
});
afterAll(() => scene.close());

mailSourceSuite('on Graph', () => simulatedMailbox(scene));
mailTargetSuite('on Graph', () => simulatedMailbox(scene));
