import { driveSourceSuite, driveTargetSuite } from '@backhaul/engine/testing/suites';
import { afterAll, beforeAll } from '@jest/globals';
import { simulatedDrive } from './simulated-drive.ts';
import { simulatorScene, type SimulatorScene } from './simulator-scene.ts';

let scene: SimulatorScene;
beforeAll(async () => {
  scene = await simulatorScene({ mailboxes: 1, messages: 1, seed: 7 });
});
afterAll(() => scene.close());

driveSourceSuite('on Graph', () => simulatedDrive(scene));
driveTargetSuite('on Graph', () => simulatedDrive(scene));
