-- verdict: 4 not enough memory
-- slow
local cjson = require "cjson"
local text = cjson.encode((("x"):rep(100000)))
local all = {}
while true do all[#all + 1] = cjson.decode("[" .. text .. "]")[1] .. #all end
