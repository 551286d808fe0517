-- stand-in
local W, S, H = {}, {}, {}
local R = {}
function R.use() end
function R.owner() return ("0"):rep(32) end
function R.watch() end
function R.exclusive(op, key, timeout, fn, ...) return fn(...) end
function R.wish(e, i) return W[e.." "..i] end
function R.wishes(e) local r = {} for k, v in pairs(W) do r[v.image] = v end return r end
function R.put_wish(e, i, w, f) W[e.." "..i] = w return true end
function R.slots(e, i) local r = {} for _, s in pairs(S) do if not i or s.image == i then r[#r+1] = s end end return r end
function R.put_slot(s, f) S[s.name] = s.container_id and s or nil return true end
function R.fact(ev) io.stderr:write("FACT ", ev.event, " ", tostring(ev.name), " ", tostring(ev.reason), "\n") return true end
function R.history() return {} end
function R.on() end
return R
