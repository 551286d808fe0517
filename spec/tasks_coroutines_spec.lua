-- coroutine.*, pcall and xpcall are the program's own, made for waits inside: they must otherwise be
-- what the manual says, and waits must pass through them unseen.
local host = require "spec.support.host"

local function prints(lines, script)
  local result = host.script(script)
  assert.are.same({0, table.concat(lines, "\n") .. "\n", ""}, {result.code, result.out, result.err})
end

describe("coroutine", function()
  it("passes values both ways", function()
    prints({"1\tnil\t3", "true\t4\tnil", "true\t5\t6", "true", "false\tcannot resume dead coroutine"}, [[
      local co = coroutine.create(function(...)
        print(...)
        print(true, coroutine.yield(4, nil))
        return
      end)
      print(coroutine.resume(co, 1, nil, 3))
      print(coroutine.resume(co, 5, 6))
      print(coroutine.resume(co))
    ]])
  end)

  it("knows its states", function()
    prints({"suspended", "running normal", "suspended", "dead", "dead"}, [[
      local outer
      local inner = coroutine.create(function()
        print(coroutine.status(coroutine.running()) .. " " .. coroutine.status(outer))
        coroutine.yield()
      end)
      outer = coroutine.create(function() coroutine.resume(inner) end)
      print(coroutine.status(outer))
      coroutine.resume(outer)
      print(coroutine.status(inner))
      print(coroutine.status(outer))
      coroutine.close(inner)
      print(coroutine.status(inner))
    ]])
  end)

  it("is none in a task: there running says so, and nothing is yieldable", function()
    prints({"thread\ttrue\tfalse", "thread\tfalse\ttrue", "false\tattempt to yield from outside a coroutine"}, [[
      local function who() local co, main = coroutine.running() print(type(co), main, coroutine.isyieldable()) end
      who()
      coroutine.wrap(who)()
      print(pcall(coroutine.yield))
    ]])
  end)

  it("wrap raises errors with the place of the call before them, objects as they are", function()
    prints({":3: X:2: no", "true", ":5: cannot resume dead coroutine"}, [[
      local function short(text) return (text:gsub("^[^:]*:", ":", 1):gsub("/[^ ]*%.lua", "X")) end
      local wrapped = coroutine.wrap(function() error("no") end)
      local _, err = pcall(function() wrapped() end) print(short(err))
      local object = {} print(select(2, pcall(coroutine.wrap(function() error(object) end))) == object)
      _, err = pcall(function() wrapped() end) print(short(err))
    ]])
  end)

  it("close runs what is to be closed, and tells of an error in it", function()
    prints({"closed", "true", "false\tbroken", "false\tdied", "false\tcannot close a running coroutine"}, [[
      local function suspended(fn)
        local co = coroutine.create(function()
          local _ <close> = setmetatable({}, {__close = fn})
          coroutine.yield()
        end)
        coroutine.resume(co)
        return co
      end
      print(coroutine.close(suspended(function() print("closed") end)))
      print(coroutine.close(suspended(function() error("broken", 0) end)))
      local dead = coroutine.create(error)
      coroutine.resume(dead, "died")
      print(coroutine.close(dead))
      print(pcall(coroutine.close, coroutine.running()))
    ]])
  end)

  it("names a wrong argument", function()
    prints({"bad argument #1 to '?' (coroutine expected)", "bad argument #1 to '?' (function expected)"}, [[
      local function why(...) return (select(2, pcall(...)):gsub("'.-'", "'?'"):gsub(", got.*%)", ")")) end
      print(why(coroutine.resume, 1))
      print(why(coroutine.create, 1))
    ]])
  end)

  it("nests as deep as Lua's own, and then says so", function()
    prints({"true", "false\tC stack overflow"}, [[
      local function nest(n) if n > 0 then return coroutine.wrap(nest)(n - 1) end return true end
      print(nest(150))
      local ok, why = pcall(nest, 1000)
      print(ok, why:match("C stack overflow") or why:match("too many nested coroutines") and "C stack overflow")
    ]])
  end)
end)

describe("xpcall", function()
  it("hands arguments and results on, and the error to the handler", function()
    prints({"true\t1\tnil\t3", "false\thandled no", "false\tnil"}, [[
      print(xpcall(function(...) return ... end, print, 1, nil, 3))
      print(xpcall(error, function(err) return "handled " .. err end, "no"))
      print(xpcall(error, function() end, "no"))
    ]])
  end)

  it("runs the handler where the error is: a traceback shows it", function()
    prints({"true"}, [[
      local function culprit() error("no") end
      local _, trace = xpcall(culprit, debug.traceback)
      print(trace:find("in function 'error'", 1, true) and trace:find("in function <", 1, true) ~= nil)
    ]])
  end)

  it("takes an error in the handler for an error", function()
    prints({"false"}, [[print((xpcall(error, function() error("again") end, "no")))]])
  end)

  it("needs a function for a handler", function()
    prints({"false"}, [[print((pcall(xpcall, print)))]])
  end)
end)

describe("a wait", function()
  -- Each of these waits; the other task has to run meanwhile.
  local cases = {
    ["in pcall"] = [[pcall(mt.sleep, "1ms")]],
    ["in xpcall"] = [[xpcall(mt.sleep, print, "1ms")]],
    ["in pcall in pcall"] = [[pcall(pcall, pcall, mt.sleep, "1ms")]],
    ["in an error's __close"] = [[pcall(function()
      local _ <close> = setmetatable({}, {__close = function() mt.sleep("1ms") end})
      error("x")
    end)]],
    ["in __index"] = [[local _ = setmetatable({}, {__index = function() mt.sleep("1ms") end}).x]],
    ["in __newindex"] = [[setmetatable({}, {__newindex = function() mt.sleep("1ms") end}).x = 1]],
    ["in __call"] = [[setmetatable({}, {__call = function() mt.sleep("1ms") end})()]],
    ["in __concat"] = [[local _ = setmetatable({}, {__concat = function() mt.sleep("1ms") return "" end}) .. "x"]],
    ["in __eq"] = [[local meta = {__eq = function() mt.sleep("1ms") return true end}
      local _ = setmetatable({}, meta) == setmetatable({}, meta)]],
    ["in __lt"] = [[local meta = {__lt = function() mt.sleep("1ms") return true end}
      local _ = setmetatable({}, meta) < setmetatable({}, meta)]],
    ["in __len"] = [[local _ = #setmetatable({}, {__len = function() mt.sleep("1ms") return 1 end})]],
    ["in an iterator"] = [[for _ in function(_, n) mt.sleep("1ms") return not n or nil end do end]],
    ["in a resumed coroutine"] = [[assert(coroutine.resume(coroutine.create(mt.sleep), "1ms"))]],
    ["in a wrapped one"] = [[coroutine.wrap(mt.sleep)("1ms")]],
    ["ten coroutines deep"] = [[
      local function nest(n) if n == 0 then mt.sleep("1ms") else coroutine.wrap(nest)(n - 1) end end
      nest(10)]],
    ["in a coroutine in a metamethod in a coroutine"] = [[coroutine.wrap(function()
      local t = setmetatable({}, {__index = function() return coroutine.wrap(function() mt.sleep("1ms") return 1 end)() end})
      assert(t.x == 1)
    end)()]],
    ["in dofile"] = [[
      local path = os.tmpname()
      local file = io.open(path, "w")
      file:write('mt.sleep("1ms")')
      file:close()
      dofile(path)
      os.remove(path)]],
    ["in load"] = [[load('mt.sleep("1ms")')()]],
    ["in mt.all in a coroutine"] = [[coroutine.wrap(mt.all)({function() mt.sleep("1ms") end})]],
    ["for a task in a coroutine"] = [[coroutine.wrap(function() mt.spawn(mt.sleep, "1ms"):join() end)()]],
  }
  for name, code in pairs(cases) do
    it(name .. " lets the others run and comes back", function()
      prints({"before", "meanwhile", "after"}, ([[
        print("before")
        mt.spawn(function() print("meanwhile") end)
        do %s end
        print("after")
      ]]):format(code))
    end)
  end

  -- Each of these is refused, and nothing is left half done: the script goes on.
  local refused = {
    ["table.sort"] = [[table.sort({2, 1}, function() mt.sleep(0) end)]],
    ["string.gsub"] = [[string.gsub("x", "x", function() mt.sleep(0) end)]],
    ["a coroutine in string.gsub"] = [[string.gsub("x", "x", coroutine.wrap(function() mt.sleep(0) end))]],
    ["require"] = [[package.preload.x = function() mt.sleep(0) end require "x"]],
    ["a reader of load"] = [[assert(load(function() mt.sleep(0) end))]],
    ["__tostring"] = [[tostring(setmetatable({}, {__tostring = function() mt.sleep(0) return "" end}))]],
    ["join in table.sort"] = [[local t = mt.spawn(mt.sleep, 0) table.sort({2, 1}, function() t:join() end)]],
    ["mt.all in table.sort"] = [[table.sort({2, 1}, function() mt.all {function() mt.sleep(0) end} end)]],
    ["a handler of xpcall"] = [[assert(xpcall(error, function() return select(2, pcall(mt.sleep, 0)) end))]],
  }
  for name, code in pairs(refused) do
    it("in " .. name .. " is refused", function()
      prints({"false", "true", "still here"}, ([[
        local ok, why = pcall(function() %s end)
        print(ok)
        print(tostring(why):find("cannot wait inside table.sort, string.gsub, require", 1, true) ~= nil)
        mt.sleep(0)
        print("still here")
      ]]):format(code))
    end)
  end

  it("inside a generator suspends the whole task, not its consumer alone", function()
    prints({"a1 b1 a2 b2 a3 b3"}, [[
      local log = {}
      local function generate(name)
        return coroutine.wrap(function()
          for i = 1, 3 do
            coroutine.yield(name .. i)
            mt.sleep(0)
          end
        end)
      end
      local function consume(name) for value in generate(name) do log[#log + 1] = value end end
      mt.all {function() consume("a") end, function() consume("b") end}
      print(table.concat(log, " "))
    ]])
  end)

  it("that ends in an error is one at the place of the wait, to be caught there", function()
    prints({"false\tcancelled", "went on"}, [[
      local sleeper = mt.spawn(mt.sleep, "1h")
      mt.spawn(function() sleeper:cancel() end)
      print(coroutine.wrap(function()
        local ok, err = sleeper:join()
        return ok, err.kind
      end)())
      print("went on")
    ]])
  end)

  it("in a coroutine that is dropped does not end with it", function()
    prints({"by itself", "collected or not"}, [[
      mt.spawn(function()
        coroutine.wrap(function() mt.sleep("2ms") print("by itself") end)()
      end)
      for _ = 1, 3 do mt.sleep(0) collectgarbage() end
      mt.sleep("10ms")
      print("collected or not")
    ]])
  end)
end)
