-- verdict: 4 script budget exceeded
-- A time-out cannot end what never waits; the budget does.
mt.timeout("10ms", function() while true do end end)
