-- verdict: 4 script budget exceeded
while true do xpcall(error, function() error() end) end
