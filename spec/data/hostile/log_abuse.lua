-- verdict: 0 \x1b[2J\x0ax
mt.log.info("\27[2J\n%s", "x")
mt.log.warn(setmetatable({}, {__tostring = function() return "\27[2J" end}))
mt.log.error(nil)
