-- What of each store the records in forecast_score were made under; another text makes those of its pairs anew.
CREATE TABLE forecast_ground (
  store_id bigint PRIMARY KEY,
  ground   text NOT NULL
);
