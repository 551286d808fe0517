local table_text = require "moontide.core.table_text"

local COLUMNS = {{key = "name"}, {key = "cpu", title = "cpu %", right = true}, {key = "image"}}

describe("core.table_text", function()
  it("aligns words left and numbers right", function()
    assert.equal(
      "NAME   CPU %  IMAGE\n"
      .. "web-1    0.5  web\n"
      .. "db      12.3  postgres:16\n",
      table_text({{name = "web-1", cpu = 0.5, image = "web"}, {name = "db", cpu = 12.3, image = "postgres:16"}}, COLUMNS))
  end)

  it("prints the header alone when there is nothing", function()
    assert.equal("NAME  CPU %  IMAGE\n", table_text({}, COLUMNS))
  end)

  it("counts letters, not bytes", function()
    assert.equal("NAME  IMAGE\nmünü  a\nab    b\n",
      table_text({{name = "münü", image = "a"}, {name = "ab", image = "b"}}, {{key = "name"}, {key = "image"}}))
  end)

  it("prints - for what is missing, and false as it is", function()
    assert.equal("A  B\n-  -\n-  false\n",
      table_text({{b = ""}, {b = false}}, {{key = "a"}, {key = "b"}}))
  end)

  it("lets a column format its values, with the row", function()
    local columns = {{key = "mem", format = function(value, row) return value // row.unit end, right = true}}
    assert.equal("MEM\n  4\n  -\n", table_text({{mem = 4096, unit = 1024}, {}}, columns))
  end)

  it("never lets a cell drive the terminal", function()
    assert.equal("NAME\na\\x1b[2J\\x0ab\\xff\n", table_text({{name = "a\27[2J\nb\xff"}}, {{key = "name"}}))
  end)

  it("shortens the widest columns to fit the width, never numbers", function()
    local row = {name = "a-rather-long-name", cpu = 123456, image = "registry.example.com/team/web:1"}
    local text = table_text({row}, COLUMNS, {width = 34})
    assert.equal("NAME           CPU %  IMAGE\na-rather-lo…  123456  registry.ex…\n", text)
    for line in text:gmatch("[^\n]+") do assert.is_true(utf8.len(line) <= 34) end
  end)

  it("never shortens numbers, not even the widest", function()
    local columns = {{key = "name"}, {key = "bytes", right = true}}
    assert.equal("NAME        BYTES\nweb-…  1234567890\n",
      table_text({{name = "web-one", bytes = 1234567890}}, columns, {width = 17}))
  end)

  it("cuts between letters", function()
    assert.equal("NAME\n月月月…\n", table_text({{name = "月月月月月月"}}, {{key = "name"}}, {width = 4}))
  end)

  it("stays readable on a terminal that is too narrow", function()
    assert.equal("NAME  IMA…\nweb-  lon…\n",
      (table_text({{name = "web-", image = "longer"}}, {{key = "name"}, {key = "image"}}, {width = 3})))
  end)

  it("leaves a table that fits as it is", function()
    local rows = {{name = "web-1", cpu = 1, image = "web"}}
    assert.equal(table_text(rows, COLUMNS), table_text(rows, COLUMNS, {width = 200}))
  end)

  describe("with columns of different weight", function()
    local PS = {
      {key = "name", keep = true}, {key = "image", min = 8, priority = 2}, {key = "status", min = 7},
      {key = "age", right = true, priority = 3}, {key = "ports", min = 8, priority = 1},
    }
    local rows = {{name = "shop-1a2b3c4d", image = "registry.example.com/shop", status = "running", age = "3m",
      ports = "8080->80/tcp, 8443->443/tcp"}}
    local function header(width) return table_text(rows, PS, {width = width}):match("^[^\n]*"):gsub(" +", " ") end

    it("shortens what may be, then leaves out the least important, and keeps names", function()
      assert.equal("NAME IMAGE STATUS AGE PORTS", header(80))
      assert.equal("NAME IMAGE STATUS AGE PORTS", header(47))
      assert.equal("NAME IMAGE STATUS PORTS", header(46))
      assert.equal("NAME STATUS PORTS", header(41))
      assert.equal("NAME STATUS", header(31))
      for width = 22, 90 do
        local text = table_text(rows, PS, {width = width})
        assert.matches("\nshop%-1a2b3c4d  ", text)
        for line in text:gmatch("[^\n]+") do assert.is_true(utf8.len(line) <= width, width .. ": " .. line) end
      end
    end)

    it("never shortens what is to be kept, not even where there is no room", function()
      assert.equal("NAME           STA…\nshop-1a2b3c4d  run…\n", (table_text(rows, PS, {width = 3})))
    end)

    it("leaves out the last one of equals", function()
      local columns = {{key = "a", keep = true}, {key = "b", keep = true, priority = 1}, {key = "c", keep = true, priority = 1}}
      assert.equal("A  B\n1  2\n", table_text({{a = 1, b = 2, c = 3}}, columns, {width = 6}))
    end)
  end)

  it("colours cells, not the blanks beside them, where that is wanted", function()
    local columns = {{key = "n", right = true, colour = function(n) return n > 9 and "\27[31m" or nil end},
      {key = "name", colour = function() return "\27[32m" end}}
    local rows = {{n = 5, name = "a"}, {n = 10, name = "bc"}}
    assert.equal(" N  NAME\n 5  \27[32ma\27[0m\n\27[31m10\27[0m  \27[32mbc\27[0m\n",
      table_text(rows, columns, {colour = true}))
    assert.equal(" N  NAME\n 5  a\n10  bc\n", table_text(rows, columns))
  end)
end)
