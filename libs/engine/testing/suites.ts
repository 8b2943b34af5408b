/** Suites need jest, so they have a door of their own: builders and fakes must load in a plain process too. */
export { itemSourceSuite } from './item-source.suite.ts';
export { mailSourceSuite } from './mail-source.suite.ts';
export { contactSourceSuite } from './contact-source.suite.ts';
export { calendarSourceSuite } from './calendar-source.suite.ts';
export { mailTargetSuite } from './mail-target.suite.ts';
export { contactTargetSuite } from './contact-target.suite.ts';
export { calendarTargetSuite } from './calendar-target.suite.ts';
export { driveSourceSuite } from './drive/drive-source.suite.ts';
export { driveTargetSuite } from './drive/drive-target.suite.ts';
