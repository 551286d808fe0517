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
end)
