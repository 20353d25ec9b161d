import { writeFileSync } from 'node:fs';

/** Leaves the counts of a Jest run for `runTests`, whose last line they become. */
export default class ClosingLine {
  onRunComplete(_contexts, results) {
    const file = process.env.TILLCAST_TEST_COUNTS;
    if (file === undefined) return;
    // A suite that could not even be loaded has failed, though no test of it ran.
    const broken = results.testResults.filter((suite) => suite.testExecError).length;
    writeFileSync(
      file,
      JSON.stringify({
        passed: results.numPassedTests,
        failed: results.numFailedTests + broken,
        skipped: results.numPendingTests + results.numTodoTests,
      }),
    );
  }
}
