import { afterAll, beforeAll } from '@jest/globals';
import { startNats, type NatsServer } from '@backhaul/local-servers';
import {
  hintsSuite,
  leasesSuite,
  lendingSuite,
  offersSuite,
  openNatsDispatch,
  resultsSuite,
} from '../testing/index.ts';

let server: NatsServer;
beforeAll(async () => {
  server = await startNats();
}, 120_000);
afterAll(() => server.stop());

for (const suite of [offersSuite, leasesSuite, resultsSuite, hintsSuite, lendingSuite]) {
  suite('over NATS', () => openNatsDispatch(server));
}
