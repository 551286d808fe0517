-- verdict: 3
do local _ <close> = setmetatable({}, {__close = function() os.exit(3) end}) end
error("went on")
