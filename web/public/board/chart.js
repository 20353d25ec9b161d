import { element } from './element.js';

/** Draws Vega-Lite specifications under a policy that allows no code from text: by Vega's interpreter of expressions. */

/** @type {Promise<object> | undefined} */
let loading;

/** @param {string} source */
const script = (source) =>
  new Promise((resolve, reject) => {
    const tag = element('script', {
      src: source,
      load: resolve,
      error: () => reject(new Error(`${source} is missing`)),
    });
    document.head.append(tag);
  });

/** The libraries are asked for after the first figures stand. */
function libraries() {
  loading ??= (async () => {
    await script('/vendor/vega.js');
    await script('/vendor/vega-lite.js');
    const { expressionInterpreter } = await import(String('/vendor/vega-interpreter.js'));
    return expressionInterpreter;
  })();
  return loading;
}

/** @typedef {{ view: vega.View | undefined, draw: () => Promise<void> }} Drawn */
/** @type {Map<HTMLElement, Drawn>} */
const drawn = new Map();

/**
 * @param {HTMLElement} holder what was drawn in it before is let go
 * @param {object} spec Vega-Lite without a theme; `width: 'container'` is added
 */
export async function drawChart(holder, spec) {
  /** @type {Drawn} */
  const chart = { view: undefined, draw };
  drawn.get(holder)?.view?.finalize();
  drawn.set(holder, chart);
  async function draw() {
    const interpreter = await libraries();
    if (drawn.get(holder) !== chart || !holder.isConnected) return;
    chart.view?.finalize();
    const whole = { width: 'container', autosize: { type: 'fit-x', contains: 'padding' }, ...spec };
    const { spec: full } = vegaLite.compile(whole, { config: theme(holder.clientWidth) });
    const options = { expr: interpreter, renderer: 'svg', logLevel: 1, hover: true };
    chart.view = new vega.View(vega.parse(full, undefined, { ast: true }), options);
    holder.replaceChildren();
    await chart.view.tooltip(showTip).initialize(holder).runAsync();
    // The holder tells what is seen, and the table beside it each figure.
    holder.querySelector('svg')?.setAttribute('aria-hidden', 'true');
  }
  await draw();
}

/** A chart that was hidden had no width. @param {HTMLElement} holder */
export function drawAgain(holder) {
  void drawn.get(holder)?.draw();
}

document.addEventListener('themechange', () => {
  for (const [holder, chart] of drawn) {
    if (holder.isConnected) void chart.draw();
    else drawn.delete(holder);
  }
});

/** The page's colours, taken from its styles. @param {number} width of the chart, in pixels */
function theme(width) {
  const style = getComputedStyle(document.documentElement);
  const probe = element('span', { hidden: true });
  document.body.append(probe);
  /** light-dark() is resolved by a property that is a colour. @param {string} name */
  const colour = (name) => {
    probe.className = `ink-${name}`;
    return getComputedStyle(probe).color;
  };
  const [text, quiet, line, first] = ['text', 'quiet', 'line', 'series-1'].map(colour);
  const category = [1, 2, 3, 4, 5, 6, 7, 8].map((at) => colour(`series-${at}`));
  const [low, middle, high] = ['ramp-low', 'ramp-middle', 'ramp-high'].map(colour);
  probe.remove();
  const font = style.fontFamily || 'sans-serif';
  const words = {
    labelColor: quiet,
    titleColor: quiet,
    labelFont: font,
    titleFont: font,
    labelFontSize: 12,
    titleFontSize: 12,
  };
  return {
    aria: false,
    background: 'transparent',
    font,
    view: { stroke: null },
    axis: { ...words, titleFontWeight: 400, domainColor: line, tickColor: line, gridColor: line, gridOpacity: 0.7 },
    legend: {
      ...words,
      titleFontWeight: 400,
      labelColor: text,
      orient: 'bottom',
      columns: width < 420 ? 2 : 5,
      symbolType: 'circle',
    },
    range: {
      category,
      ramp: [low, middle, high],
      heatmap: [low, middle, high],
      diverging: [category[1], low, category[0]],
    },
    mark: { color: first },
    line: { strokeWidth: 2 },
    text: { color: text, font },
  };
}

/** @type {HTMLElement | undefined} */
let tip;

/** @type {vega.TooltipHandler} */
function showTip(_handler, event, _item, value) {
  if (value === null || value === undefined || value === '') {
    tip?.remove();
    tip = undefined;
    return;
  }
  tip ??= document.body.appendChild(element('div', { class: 'tip', 'aria-hidden': 'true' }));
  const lines = typeof value === 'object' ? Object.entries(value) : [['', String(value)]];
  tip.replaceChildren(
    ...lines.map(([name, text]) => element('div', {}, name === '' ? null : element('b', {}, `${name} `), String(text))),
  );
  const { clientX: x, clientY: y } = event;
  const { offsetWidth: width, offsetHeight: height } = tip;
  tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - width - 8))}px`;
  tip.style.top = `${y + 18 + height > innerHeight ? y - height - 10 : y + 18}px`;
}
