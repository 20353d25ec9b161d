-- How right each model was in the backtest of this very data; month empty = all months together, which stands first.
COPY (
SELECT a.level, a.class, a.model, a.target, a.month, a.origins, a.n, a.wape, a.bias, a.mase, a.rmsse, a.pinball, a.coverage,
       a.skill_last_month, a.skill_mean_28d, a.skill_linear, a.skill_run_rate, c.run_id, c.as_of_utc
FROM forecast_accuracy a CROSS JOIN publish_context c
ORDER BY a.level COLLATE "C", a.class COLLATE "C", a.model COLLATE "C", a.target COLLATE "C", a.month NULLS FIRST
) TO STDOUT (FORMAT csv, HEADER)
