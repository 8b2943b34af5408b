import { fakeCalendarUnderTest, fakeContactsUnderTest, fakeMailUnderTest } from '../testing/index.ts';
import { calendarSourceSuite, contactSourceSuite, itemSourceSuite } from '../testing/suites.ts';

itemSourceSuite('of mail in memory', fakeMailUnderTest);
contactSourceSuite('in memory', fakeContactsUnderTest);
calendarSourceSuite('in memory', fakeCalendarUnderTest);
