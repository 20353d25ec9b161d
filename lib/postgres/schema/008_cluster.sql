-- Groups of similar items, made anew with each closed day (lib/core/cluster). Items without recent demand have none.

CREATE TABLE item_cluster (
  item_id    bigint PRIMARY KEY,
  cluster_id text NOT NULL
);

-- hour 0–23, weekday 1–7 (Monday first), month 1–12; share of the cluster's units, index 1 = the average over all items.
CREATE TABLE cluster_profile (
  cluster_id text NOT NULL,
  dimension  text NOT NULL CHECK (dimension IN ('hour', 'weekday', 'month')),
  bucket     smallint NOT NULL,
  share      numeric NOT NULL,
  index      numeric,
  items      integer NOT NULL,
  units      bigint NOT NULL,
  PRIMARY KEY (cluster_id, dimension, bucket)
);
