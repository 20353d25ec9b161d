-- How right each model was in the backtest of this very data; month empty = all months together, which stands first.
COPY (
SELECT a.level, a.class, a.model, a.target, a.month, a.origins, a.n, trim_scale(round(a.wape, 3)) AS wape,
       trim_scale(round(a.bias, 3)) AS bias, trim_scale(round(a.mase, 3)) AS mase, trim_scale(round(a.rmsse, 3)) AS rmsse,
       trim_scale(round(a.pinball, 3)) AS pinball, trim_scale(round(a.coverage, 3)) AS coverage,
       trim_scale(round(a.skill_last_month, 3)) AS skill_last_month,
       trim_scale(round(a.skill_mean_28d, 3)) AS skill_mean_28d, trim_scale(round(a.skill_linear, 3)) AS skill_linear,
       trim_scale(round(a.skill_run_rate, 3)) AS skill_run_rate, c.run_id, c.as_of_utc
FROM forecast_accuracy a CROSS JOIN publish_context c
ORDER BY a.level COLLATE "C", a.class COLLATE "C", a.model COLLATE "C", a.target COLLATE "C", a.month NULLS FIRST
) TO STDOUT (FORMAT csv, HEADER)
