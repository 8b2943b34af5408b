import { fakeMailboxUnderTest } from '../testing/index.ts';
import { mailSourceSuite, mailTargetSuite } from '../testing/suites.ts';

mailSourceSuite('in memory', fakeMailboxUnderTest);
mailTargetSuite('in memory', fakeMailboxUnderTest);
