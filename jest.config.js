/** Jest runs the sources as ES modules; swc only strips the types, `tsc` checks them first. */
const swc = [
  '@swc/jest',
  {
    jsc: {
      target: 'es2023',
      parser: { syntax: 'typescript' },
      transform: { verbatimModuleSyntax: true },
      experimental: { keepImportAttributes: true },
    },
    module: { type: 'es6' },
  },
];
const project = (name) => ({
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': swc },
});

export default {
  projects: ['unit', 'integration', 'e2e', 'long'].map(project),
  testTimeout: 120_000,
  reporters: ['default', '<rootDir>/test/support/closingLine.mjs'],
};
