/** Models of forecast.csv and forecast_accuracy.csv; `planning` is the forecast to plan on. */
export const nextModels = ['planning', 'linear', 'last_month', 'mean_28d'] as const;
export type NextModel = (typeof nextModels)[number];
/** For the open month only the planning forecast and the run rate (sold to date ÷ days gone × days) are told. */
export const currentModels = ['planning', 'run_rate'] as const;
export type CurrentModel = (typeof currentModels)[number];
export const targets = ['current_month', 'next_month'] as const;
export type Target = (typeof targets)[number];
export type Model = NextModel | CurrentModel;
