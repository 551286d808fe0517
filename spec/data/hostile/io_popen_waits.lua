-- verdict: 70 stuck
-- A blocking call holds up everything else.
io.popen("exec sleep 5 >/dev/null 2>&1"):close()
