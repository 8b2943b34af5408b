/** Jest settings that every project shares: ES modules, TypeScript through swc, sources of sibling packages instead of builds. */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@backhaul/source', 'node'] },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        module: { type: 'es6' },
        sourceMaps: 'inline',
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
        },
      },
    ],
  },
  // Looking up a global inside a test's context is slow; the signatures of NATS (tweetnacl) do it a million times.
  sandboxInjectedGlobals: ['Float64Array', 'Math'],
  maxWorkers: 2,
  testTimeout: 30_000,
};
