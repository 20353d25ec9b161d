/** What is forecast: the open month, whole, and the one after it. */
export const targets = ['current_month', 'next_month'] as const;
export type Target = (typeof targets)[number];
/**
 * Models of forecast.csv and forecast_accuracy.csv; `planning` is the forecast to plan on. For the open month it stands
 * beside the run rate (sold to date ÷ days gone × days) alone, for the next beside the others.
 */
export type Model = 'planning' | 'linear' | 'last_month' | 'mean_28d' | 'run_rate';
