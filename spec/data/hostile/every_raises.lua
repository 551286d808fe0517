-- verdict: 4 in the timer
mt.every("1ms", function() error("in the timer") end)
