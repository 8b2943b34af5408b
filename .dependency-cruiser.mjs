// Which room may import which. The table stands in ARCHITECTURE.md too.
const lib = (...names) => `^libs/(${names.join('|')})/`;

/** Room → the product's rooms it may import. Tests, benches and `testing/` folders are free. */
const MAY_IMPORT = {
  domain: [],
  telemetry: ['domain'],
  settings: ['domain'],
  wire: ['domain'],
  scheduler: ['domain'],
  repository: ['domain'],
  'blob-store': ['domain', 'repository'],
  engine: ['domain', 'repository'],
  m365: ['domain', 'engine'],
  export: ['domain', 'repository', 'engine'],
  dispatch: ['domain', 'wire', 'telemetry'],
  'local-servers': [],
};

const rooms = Object.entries(MAY_IMPORT).map(([room, allowed]) => ({
  name: `libs-${room}`,
  comment: `libs/${room} may import ${allowed.length === 0 ? 'nothing of the product' : allowed.join(', ')}.`,
  severity: 'error',
  from: { path: `^libs/${room}/src` },
  to: { path: '^(libs|services)/', pathNot: lib(room, ...allowed) },
}));

export default {
  forbidden: [
    ...rooms,
    {
      name: 'services-apart',
      comment: 'A service never imports another one.',
      severity: 'error',
      from: { path: '^services/([^/]+)/src' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'simulator-alone',
      comment: 'The simulator is the outside world: nothing of the product in it.',
      severity: 'error',
      from: { path: '^services/graph-simulator/(src|testing)' },
      to: { path: '^libs/' },
    },
    {
      name: 'no-servers-or-acceptance-in-services',
      comment: 'Services never need the ground or the bench.',
      severity: 'error',
      from: { path: '^(services|libs/(?!acceptance|local-servers))[^/]*/[^/]*/?src' },
      to: { path: '^libs/(local-servers|acceptance)/' },
    },
    {
      name: 'no-testing-in-sources',
      comment: 'What is under testing/ is imported by tests only.',
      severity: 'error',
      from: { path: '^(libs|services)/[^/]+/src' },
      to: { path: '/testing/' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'declared-only',
      comment: "Every npm package is declared in the importing project's own package.json.",
      severity: 'error',
      from: { path: '^(libs|services)/[^/]+/src' },
      to: {
        pathNot: '^(libs|services)/',
        dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    includeOnly: '^(libs|services)/|node_modules',
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@backhaul/source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
