import {
  hintsSuite,
  leasesSuite,
  lendingSuite,
  offersSuite,
  openMemoryDispatch,
  resultsSuite,
} from '../testing/index.ts';

for (const suite of [offersSuite, leasesSuite, resultsSuite, hintsSuite, lendingSuite]) {
  suite('in memory', openMemoryDispatch);
}
