-- verdict: 70 stuck
while true do pcall(string.find, ("a"):rep(40), ("a*"):rep(30) .. "b") end
