import { writeFileSync } from 'node:fs';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/**
 * Draws a Vega-Lite chart into an SVG file, on a white ground so that it can be read on dark pages too.
 * The data stand in the spec (`data.values`): nothing is fetched.
 * @example await writePlot(join(resultsDir, 'query.svg'), { data: { values }, mark: 'bar', encoding: { … } })
 */
export async function writePlot(path: string, spec: TopLevelSpec): Promise<void> {
  const view = new View(parse(compile({ background: 'white', padding: 12, ...spec }).spec), { renderer: 'none' });
  try {
    writeFileSync(path, `${await view.toSVG()}\n`);
  } finally {
    view.finalize();
  }
}
