-- verdict: 4 script budget exceeded
repeat local x = 1 until x == 2
