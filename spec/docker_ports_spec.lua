local null = require("cjson").null
local address = require "moontide.docker.spec.address"
local ports = require "moontide.docker.ports"

local function message(map)
  local ok, err = pcall(ports.parse, "docker.run", map)
  assert.is_false(ok)
  return (err:gsub("^[^ ]+:%d+: ", ""))
end

describe("docker.ports", function()
  local good = {
    {0, "0.0.0.0", ""}, {null, "0.0.0.0", ""}, {"0", "0.0.0.0", ""}, {8080, "", "8080"}, {8080.0, "", "8080"},
    {1, "", "1"}, {65535, "", "65535"}, {"8080", "", "8080"}, {"08080", "", "8080"},
    {"8080-8090", "0.0.0.0", "8080-8090"}, {"80-80", "0.0.0.0", "80-80"},
    {"127.0.0.1:8080", "127.0.0.1", "8080"}, {"127.0.0.1:", "127.0.0.1", ""}, {"127.0.0.1:0", "127.0.0.1", ""},
    {"127.0.0.1:80-90", "127.0.0.1", "80-90"}, {"[::1]:8080", "::1", "8080"},
  }
  for _, case in ipairs(good) do
    it(("80/tcp = %s"):format(tostring(case[1])), function()
      assert.same({exposed = {["80/tcp"] = {}}, bindings = {["80/tcp"] = {{HostIp = case[2], HostPort = case[3]}}}},
        ports.parse("docker.run", {["80/tcp"] = case[1]}))
    end)
  end

  it("exposes what it binds, of each protocol", function()
    local result = ports.parse("docker.run", {["80/tcp"] = 80, ["80/udp"] = 80, ["9/sctp"] = 0, ["81/tcp"] = 0})
    assert.same({["80/tcp"] = {}, ["80/udp"] = {}, ["9/sctp"] = {}, ["81/tcp"] = {}}, result.exposed)
    for key in pairs(result.exposed) do assert.equal(1, #result.bindings[key]) end
  end)

  it("takes nothing for nothing", function()
    assert.same({exposed = {}, bindings = {}}, ports.parse("docker.run", nil))
    assert.same({exposed = {}, bindings = {}}, ports.parse("docker.run", {}))
  end)

  local range = 'is not in the range 1 to 65535'
  local chosen = range .. " (0: the engine chooses)"
  local form = 'host port of "80/tcp" must be like 8080, 0, "8080-8090" or "127.0.0.1:8080", got string '
  local ip_form = 'host address of "80/tcp" must be an IP address, "127.0.0.1:8080" or "[::1]:8080", got string '
  local bad = {
    {{["80"] = 8080}, 'port "80" has no protocol; write "80/tcp"'},
    {{["80/xyz"] = 0}, 'port "80/xyz" has an unknown protocol; valid: tcp, udp, sctp'},
    {{["80/TCP"] = 0}, 'port "80/TCP" has an unknown protocol; valid: tcp, udp, sctp'},
    {{["80/"] = 0}, 'port "80/" has an unknown protocol; valid: tcp, udp, sctp'},
    {{["70000/tcp"] = 0}, 'port "70000/tcp" ' .. range},
    {{["0/tcp"] = 0}, 'port "0/tcp" ' .. range},
    {{["65536/tcp"] = 0}, 'port "65536/tcp" ' .. range},
    {{["080/tcp"] = 0}, 'port "080/tcp" ' .. range},
    {{["http/tcp"] = 0}, 'port "http/tcp" cannot be read; write "80/tcp"'},
    {{["80-90/tcp"] = 0}, 'port "80-90/tcp" cannot be read; write "80/tcp"'},
    {{[""] = 0}, 'port "" cannot be read; write "80/tcp"'},
    {{["\27[2J/tcp"] = 0}, 'port "\\x1b[2J/tcp" cannot be read; write "80/tcp"'},
    {{80}, 'option "ports" must be {["80/tcp"] = 8080, ...}, got number 1 as a port'},
    {"80", 'option "ports" must be {["80/tcp"] = 8080, ...}, got string "80"'},
    {{["80/tcp"] = 70000}, 'host port 70000 of "80/tcp" ' .. chosen},
    {{["80/tcp"] = 65536}, 'host port 65536 of "80/tcp" ' .. chosen},
    {{["80/tcp"] = -1}, 'host port -1 of "80/tcp" ' .. chosen},
    {{["80/tcp"] = 80.5}, 'host port 80.5 of "80/tcp" ' .. chosen},
    {{["80/tcp"] = "99999"}, 'host port 99999 of "80/tcp" ' .. chosen},
    {{["80/tcp"] = "0-5"}, 'host port 0 of "80/tcp" ' .. chosen},
    {{["80/tcp"] = "80-70"}, 'host ports "80-70" of "80/tcp" run backwards; write "70-80"'},
    {{["80/tcp"] = ""}, form .. '""'},
    {{["80/tcp"] = "http"}, form .. '"http"'},
    {{["80/tcp"] = "80-"}, form .. '"80-"'},
    {{["80/tcp"] = "1-2-3"}, form .. '"1-2-3"'},
    {{["80/tcp"] = "127.0.0.1"}, form .. '"127.0.0.1"'},
    {{["80/tcp"] = "localhost:80"}, ip_form .. '"localhost:80"'},
    {{["80/tcp"] = "::1:80"}, ip_form .. '"::1:80"'},
    {{["80/tcp"] = "300.0.0.1:80"}, ip_form .. '"300.0.0.1:80"'},
    {{["80/tcp"] = true}, 'host port of "80/tcp" must be a number, a text or mt.json.null, got boolean true'},
    {{["80/tcp"] = {}}, 'host port of "80/tcp" must be a number, a text or mt.json.null, got table'},
    {{["81/tcp"] = 80, ["80/tcp"] = "80"}, 'ports "80/tcp" and "81/tcp" both want host port 80'},
  }
  for _, case in ipairs(bad) do
    it("raises: " .. case[2], function() assert.equal("docker.run: " .. case[2], message(case[1])) end)
  end
end)

describe("docker.spec.address", function()
  local good = {"0.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::1", "1:2:3:4:5:6:7:8", "1::", "1:2:3:4:5:6:7::"}
  for _, text in ipairs(good) do
    it("takes " .. text, function() assert.is_true(address.is_ip(text)) end)
  end
  local bad = {"", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "a.b.c.d", ":", ":::", "1:2", "::1::",
    "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "12345::", "g::", ":1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:", "::1%eth0"}
  for _, text in ipairs(bad) do
    it(("refuses %q"):format(text), function() assert.is_false(address.is_ip(text)) end)
  end
end)
