local units = require "moontide.core.units"

local NAN = 0 / 0

local function check(read, cases)
  for _, case in ipairs(cases) do
    local input, expected = case[1], case[2]
    it(("%q -> %s"):format(input == NAN and "nan" or tostring(input), expected), function()
      local result = read(input)
      assert.equal(expected, result)
      assert.equal(math.type(expected), math.type(result))
    end)
  end
end

local function refuse(read, list)
  for _, input in ipairs(list) do
    it(("refuses %s %q"):format(type(input), tostring(input)), function()
      assert.is_nil(read(input))
    end)
  end
  it("refuses nil", function() assert.is_nil(read(nil)) end)
end

describe("core.units cpu", function()
  check(units.cpu, {
    {1, 1000000000}, {0.5, 500000000}, {2.0, 2000000000}, {0.1, 100000000}, {0.29, 290000000}, {1.001, 1001000000},
    {"0.5", 500000000}, {"500m", 500000000}, {"500M", 500000000}, {" 2 ", 2000000000},
    {".5", 500000000}, {"1.", 1000000000}, {"1500m", 1500000000}, {"0.5m", 500000}, {999, 999000000000},
    {1e-9, 1},
  })
  refuse(units.cpu, {0, -1, -0.5, "0", "0m", "-1", "1x", "", " ", "m", ".", "1e3", "0x10", "nan", "inf",
    "1 2", "1..2", "500 m", "500mm", "1,5", "٣", NAN, math.huge, -math.huge, 1e300, 1e-10, {}, true, print})
end)

describe("core.units memory", function()
  check(units.memory, {
    {"256m", 268435456}, {"256M", 268435456}, {"256Mi", 268435456}, {"256MB", 268435456},
    {"256MiB", 268435456}, {"1g", 1073741824}, {"1.5g", 1610612736}, {"512k", 524288}, {"1t", 1099511627776},
    {"1073741824", 1073741824}, {"1073741824b", 1073741824}, {" 1g ", 1073741824}, {"1 g", 1073741824},
    {".5g", 536870912}, {1048576, 1048576}, {1048576.0, 1048576}, {5, 5}, {"5", 5},
    {9007199254740992, 9007199254740992},
  })
  refuse(units.memory, {0, -5, "0", "0m", "-5", "256q", "256i", "", "m", "1e+14", "1T2", "1..5g", "0x10",
    "1  g", "g1", "nan", "9223372036854775808", "8388608t", 2 ^ 63, NAN, math.huge, 0.5, {}, false, print})
end)

describe("core.units duration", function()
  check(units.duration, {
    {0, 0}, {10, 10}, {2.0, 2}, {0.25, 0.25}, {"250ms", 0.25}, {"5m", 300}, {"1h30m", 5400}, {"10s", 10},
    {"1.5h", 5400}, {"7d", 604800}, {"1H30M", 5400}, {" 5m ", 300}, {"10", 10}, {"0", 0}, {"0s", 0},
    {"1m0.5s", 60.5}, {"100us", 100 * 1e-6}, {"100µs", 100 * 1e-6}, {"5ns", 5 * 1e-9},
  })
  refuse(units.duration, {-1, "-1s", "", " ", "s", "10x", "1h30", "1h 30m", "m5", "1e3s", "0x10s", "1..5s",
    "nan", "inf", NAN, math.huge, 1e300, "99999999999h", {}, true, print})
end)

describe("core.units text", function()
  local bytes = {
    {0, "0 B"}, {512, "512 B"}, {1023, "1023 B"}, {1024, "1.0 KiB"}, {1536, "1.5 KiB"},
    {12.3 * 2 ^ 20, "12.3 MiB"}, {2 ^ 20 - 1, "1.0 MiB"}, {2 ^ 40, "1.0 TiB"}, {2 ^ 63, "8.0 EiB"},
    {2 ^ 71, "2048.0 EiB"},
  }
  for _, case in ipairs(bytes) do
    it(("%s bytes -> %s"):format(case[1], case[2]), function()
      assert.equal(case[2], units.bytes_text(case[1]))
    end)
  end

  local durations = {
    {0, "0s"}, {0.0004, "0.4ms"}, {0.25, "250ms"}, {0.9996, "1s"}, {1, "1s"}, {1.5, "1.5s"}, {42, "42s"},
    {59.96, "1m"}, {60, "1m"}, {90, "1m30s"}, {3599.6, "1h"}, {3605, "1h"}, {7500, "2h5m"},
    {86400 * 3 + 4 * 3600 + 59, "3d4h"}, {-90, "-1m30s"},
  }
  for _, case in ipairs(durations) do
    it(("%s s -> %s"):format(case[1], case[2]), function()
      assert.equal(case[2], units.duration_text(case[1]))
    end)
  end
end)
