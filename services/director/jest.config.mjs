import preset from '../../jest.preset.mjs';

/** All test files share one PostgreSQL: starting one takes longer than most of them. */
export default {
  ...preset,
  globalSetup: '<rootDir>/testing/shared-postgres.mjs',
  globalTeardown: '<rootDir>/testing/shared-postgres-end.mjs',
};
