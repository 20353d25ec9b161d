-- The first day of a store moved: the trends of all its pairs are to be made again. Noted here and done at the next
-- publish: rows of pairs that another transaction counts at the same time must not be asked for while that one waits.
ALTER TABLE store_clock ADD COLUMN trends_due boolean NOT NULL DEFAULT false;
