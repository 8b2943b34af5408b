import { fakeCalendarTargetUnderTest, fakeContactTargetUnderTest } from '../testing/index.ts';
import { calendarTargetSuite, contactTargetSuite } from '../testing/suites.ts';

contactTargetSuite('in memory', fakeContactTargetUnderTest);
calendarTargetSuite('in memory', fakeCalendarTargetUnderTest);
