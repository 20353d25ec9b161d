-- The lease under which the run counts in rounds, with the help of others. Whoever takes up a run that was left has
-- another lease and counts alone.
ALTER TABLE run ADD COLUMN led_by text;
