-- Images on a real engine: what there is, other names for it, and taking names away.
local engine = require "spec.support.engine"

local LABEL = "engine_images"

local function value(code) return engine.value(LABEL, code) end

local function failure(code) return engine.failure(LABEL, code) end

local function tags(list)
  local found = {}
  for _, image in ipairs(list) do
    for _, tag in ipairs(image.RepoTags or {}) do found[#found + 1] = tag end
  end
  table.sort(found)
  return found
end

describe("images", function()
  local NAMES = {"spec/image:1", "spec/image:2", "spec/other:latest"}
  local function clean()
    engine.clean(LABEL)
    for _, name in ipairs(NAMES) do engine.api("DELETE", "/images/" .. name) end
  end
  before_each(clean)
  teardown(clean)

  it("get other names, by which they are found", function()
    local got = value [[
      local tag, images = docker.tag, docker.images
      local made = {tag("moontide/web", "spec/image:1"), tag("moontide/log", "spec/image:2"),
        tag("moontide/web", "spec/other"), tag("moontide/web", "spec/other")}
      return {
        made = made, all = images(), of = images {name = "spec/image"}, one = images {name = "spec/image:2"},
        part = images {name = "spec/imag"}, none = images {name = "spec/image:3"},
        labelled = images {name = "spec/other", label = {["moontide.images"] = true}},
        unlabelled = images {label = {["moontide.images"] = "nosuch"}},
        inspected = docker.image "spec/other", web = docker.image "moontide/web",
        by_id = docker.image(docker.image("moontide/web").Id),
      }
    ]]
    assert.are.same({true, true, true, true}, got.made)
    local all = table.concat(tags(got.all), " ")
    for _, name in ipairs {"moontide/web:latest", table.unpack(NAMES)} do
      assert.is_truthy((" " .. all .. " "):find(" " .. name .. " ", 1, true), name)
    end
    assert.are.equal(2, #got.of)
    assert.are.equal("spec/image:2", tags(got.one)[#tags(got.one)]) -- some engines list the other names, too
    assert.are.same({{}, {}, {}}, {got.part, got.none, got.unlabelled})
    assert.are.equal(1, #got.labelled)
    assert.are.same({got.web.Id, got.web.Id}, {got.inspected.Id, got.by_id.Id})
  end)

  it("lose a name; what is gone is gone already", function()
    local got = value [[
      docker.tag("moontide/web", "spec/image:1")
      return {docker.remove_image "spec/image:1", docker.remove_image "spec/image:1", docker.remove_image "spec/nosuch",
        #docker.images {name = "spec/image"}, #docker.images {name = "moontide/web"}}
    ]]
    assert.are.same({true, true, true, 0, 1}, got)
  end)

  it("are not removed under a container, unless it is only a name", function()
    value 'return docker.create(web {name = "spec-base"})'
    local status, image = engine.api("POST", "/commit?container=spec-base&repo=spec/image&tag=1")
    assert.are.equal(201, status)
    local user = value 'return docker.create(web {image = "spec/image:1", name = "spec-user"})'
    local err = failure 'return docker.remove_image "spec/image:1"'
    assert.are.same({"conflict", "give_up", 409}, {err.kind, err.next, err.status})
    engine.reads(err, ('docker.remove_image: image "spec/image:1": the container %s was made from it; remove that one first')
      :format(user:sub(1, 12)))
    value 'return docker.tag("spec/image:1", "spec/image:2")'
    err = failure(('return docker.remove_image "%s"'):format(image.Id))
    assert.are.equal("conflict", err.kind)
    engine.reads(err, "docker.remove_image: image ", "it has several names; remove them one by one, or all with force=true")
    assert.are.same({true, true, true}, value(([[
      return {docker.remove_image "spec/image:2", docker.remove "spec-user", docker.remove_image "%s"}
    ]]):format(image.Id)))
    assert.are.equal(404, (engine.api("GET", "/images/" .. image.Id .. "/json")))
  end)

  it("that are not there are told of", function()
    for _, call in ipairs {'image "spec/nosuch"', 'tag("spec/nosuch", "spec/image:1")'} do
      local err = failure("return docker." .. call)
      assert.are.same({"not_found", "relist"}, {err.kind, err.next})
      engine.reads(err, ("docker.%s: image \"spec/nosuch\": there is no such image on the engine; pull it first"):format(
        call:match("^%a+")))
    end
  end)

  it("have names that are checked before anything is sent", function()
    for code, message in pairs {
      ['docker.image "Web"'] = 'argument "name" is a bad image reference: a repository is in lower case; write "web"',
      ['docker.image()'] = 'docker.image: argument "name" must be a string, got nil',
      ['docker.tag("moontide/web", "a b")'] = 'docker.tag: argument "name" is a bad image reference: it has blanks',
      ['docker.tag("moontide/web", "spec/image@sha256:' .. ("a"):rep(64) .. '")'] = 'must be a name to give, without a digest',
      ['docker.images {nmae = "x"}'] = 'docker.images: unknown option "nmae" (did you mean "name"?)',
      ['docker.images {label = {"x"}}'] = 'docker.images: option "label" must be {name = "value"}',
      ['docker.remove_image("x", {froce = true})'] = 'docker.remove_image: unknown option "froce" (did you mean "force"?)',
    } do
      local outcome = engine.ask(LABEL, "return " .. code)
      assert.is_truthy(outcome.raised and outcome.raised:find(message, 1, true), outcome.raised or code)
    end
  end)
end)
