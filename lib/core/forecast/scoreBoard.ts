import { type Accuracy, AccuracyTally, MonthChanges } from './accuracy.ts';
import type { Band } from './bandPool.ts';
import { demandClasses } from './demandClass.ts';
import type { Model, Target } from './models.ts';
import type { SeriesFigures } from './panel.ts';

/** A row of forecast_accuracy.csv. `month` counts months since year 0 and is undefined for all months together. */
export type AccuracyRow = Accuracy &
  Readonly<{
    class: string;
    model: Model;
    target: Target;
    month: number | undefined;
    /** 1 − WAPE ÷ that of the other model on the very same forecasts: above 0 is better than it. */
    skill: Readonly<Record<'last_month' | 'mean_28d' | 'linear' | 'run_rate', number | undefined>>;
  }>;

const rivals = ['last_month', 'mean_28d', 'linear', 'run_rate'] as const;
type Duel = { own: number; other: number };
/** `duels` by the rival's place in `rivals`. */
type Entry = { tally: AccuracyTally; duels: Duel[] };

/** What origins have in common: what month was forecast at each, and its distance from the present in months. */
export type OriginMonths = Readonly<{ target: Readonly<Record<Target, readonly number[]>>; back: readonly number[] }>;

/** Scores of all models on the series of one level. */
export class ScoreBoard {
  private readonly confidence: number;
  private readonly months: OriginMonths;
  private readonly entries = new Map<string, Entry>();
  /** Entries of a group of forecasts, by target, origin, class and model: found once, not for each forecast. */
  private readonly found = new Map<number, readonly Entry[]>();

  constructor(confidence: number, months: OriginMonths) {
    this.confidence = confidence;
    this.months = months;
  }

  /** Scores a series' past forecasts; `bands` of the planning forecast, an element an origin. */
  add(figures: SeriesFigures, target: Target, bands: readonly (Band | undefined)[]): void {
    const models = modelsOf(figures, target);
    const actuals = figures.actual[target];
    const changes = new MonthChanges(figures.months);
    for (let at = 0; at < actuals.length - 1; at += 1) {
      const actual = actuals[at] as number;
      if (Number.isNaN(actual)) continue;
      const change = changes.before(figures.months.length - (this.months.back[at] as number));
      for (let model = 0; model < models.length; model += 1) {
        const [name, forecasts] = models[model] as (typeof models)[number];
        const forecast = forecasts[at] as number;
        if (Number.isNaN(forecast)) continue;
        const band = name === 'planning' ? bands[at] : undefined;
        for (const entry of this.entriesOf(target, at, figures.classes[at] as number, model, name)) {
          entry.tally.add(at, actual, forecast, change);
          if (band !== undefined) entry.tally.addBand(actual, band.lower, band.upper, this.confidence);
          for (let rival = 0; rival < models.length; rival += 1) {
            const [, others, duelPlace] = models[rival] as (typeof models)[number];
            const other = others[at] as number;
            if (rival === model || duelPlace < 0 || Number.isNaN(other)) continue;
            const duel = entry.duels[duelPlace] as Duel;
            duel.own += Math.abs(actual - forecast);
            duel.other += Math.abs(actual - other);
          }
        }
      }
    }
  }

  get rows(): AccuracyRow[] {
    return [...this.entries].map(([key, { tally, duels }]) => {
      const [demandClass, month, model, target] = key.split(' ') as [string, string, Model, Target];
      const skill = Object.fromEntries(
        rivals.map((rival, at) => {
          const { own, other } = duels[at] as Duel;
          return [rival, other === 0 ? undefined : 1 - own / other];
        }),
      ) as AccuracyRow['skill'];
      return {
        class: demandClass,
        month: month === '-' ? undefined : Number(month),
        model,
        target,
        skill,
        ...tally.figures,
      };
    });
  }

  private entriesOf(target: Target, at: number, demandClass: number, model: number, name: Model): readonly Entry[] {
    const classPlace = Number.isNaN(demandClass) ? demandClasses.length : demandClass;
    const key = ((at * 8 + classPlace) * 8 + model) * 2 + (target === 'next_month' ? 1 : 0);
    let entries = this.found.get(key);
    if (entries === undefined) {
      const groups = ['all -', `all ${this.months.target[target][at]}`];
      if (demandClasses[classPlace] !== undefined) groups.push(`${demandClasses[classPlace]} -`);
      entries = groups.map((group) => this.entryOf(`${group} ${name} ${target}`));
      this.found.set(key, entries);
    }
    return entries;
  }

  private entryOf(key: string): Entry {
    let entry = this.entries.get(key);
    if (entry === undefined) {
      entry = { tally: new AccuracyTally(), duels: rivals.map(() => ({ own: 0, other: 0 })) };
      this.entries.set(key, entry);
    }
    return entry;
  }
}

/** Name, forecasts and place in `rivals` (-1: none) of each model for a target. */
function modelsOf(figures: SeriesFigures, target: Target): readonly (readonly [Model, Float32Array, number])[] {
  if (target === 'current_month') {
    return [
      ['planning', figures.planning.current_month, -1],
      ['run_rate', figures.runRate, rivals.indexOf('run_rate')],
    ];
  }
  return [
    ['planning', figures.planning.next_month, -1],
    ['linear', figures.linear, rivals.indexOf('linear')],
    ['last_month', figures.last, rivals.indexOf('last_month')],
    ['mean_28d', figures.mean, rivals.indexOf('mean_28d')],
  ];
}
