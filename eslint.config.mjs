import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const RAW_CLOCK = [
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: 'Take a Clock.' },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Take a Clock.' },
];

const DANGEROUS = [
  { selector: "Property[key.name='rejectUnauthorized'][value.value=false]", message: 'TLS checks stay on.' },
  { selector: "Property[key.name='shell'][value.value=true]", message: 'Nothing is given to a shell.' },
  {
    selector: "CallExpression[callee.property.name='query'] > TemplateLiteral[expressions.length>0]",
    message: 'Bind parameters; do not build SQL.',
  },
  {
    selector: "ImportDeclaration[source.value='node:child_process'] ImportSpecifier[imported.name=/^exec(Sync)?$/]",
    message: 'Use spawn or execFile with an argument list.',
  },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', '**/generated/**', '.cache/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...DANGEROUS],
      // A tripwire: a longer file is looked at for its second idea.
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // Decisions take a clock; only the domain's own clock, processes' entry points and servers for tests read the host's.
    files: [
      'libs/{scheduler,repository,dispatch,engine,m365,blob-store}/src/**/*.ts',
      'services/{director,transporter}/src/**/*.ts',
    ],
    rules: { 'no-restricted-syntax': ['error', ...DANGEROUS, ...RAW_CLOCK] },
  },
  {
    files: ['services/director/src/**/*.ts'],
    // Nest finds what to inject through the classes themselves, so these imports must stay values.
    rules: {
      '@typescript-eslint/consistent-type-imports': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
    },
  },
  {
    files: ['**/test/**/*.ts', '**/testing/**/*.ts', '**/bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      'no-console': 'off',
      'max-lines': ['error', { max: 700, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', Buffer: 'readonly', URL: 'readonly' } },
  },
);
