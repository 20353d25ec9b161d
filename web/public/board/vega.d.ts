/** The parts of the libraries that chart.js loads as classic scripts. */
declare namespace vega {
  type Item = { tooltip?: unknown };
  type TooltipHandler = (handler: unknown, event: MouseEvent, item: Item | null, value: unknown) => void;
  class View {
    constructor(runtime: object, options: object);
    initialize(holder: HTMLElement): View;
    tooltip(handler: TooltipHandler): View;
    runAsync(): Promise<View>;
    finalize(): void;
  }
  function parse(spec: object, config: object | undefined, options: { ast: boolean }): object;
}
declare namespace vegaLite {
  function compile(spec: object, options: { config: object }): { spec: object };
}
