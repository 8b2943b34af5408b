import { fakeDriveUnderTest } from '../testing/index.ts';
import { driveSourceSuite, driveTargetSuite } from '../testing/suites.ts';

driveSourceSuite('in memory', fakeDriveUnderTest);
driveTargetSuite('in memory', fakeDriveUnderTest);
