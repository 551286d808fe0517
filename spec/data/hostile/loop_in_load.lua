-- verdict: 4 script budget exceeded
load("while true do end")()
