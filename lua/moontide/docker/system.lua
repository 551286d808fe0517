--- What the engine says of itself, and where it is.

--- docker.host() -> "unix:///run/docker.sock": where the engine is. Asks nobody.
---@param connection fun(): userdata?, moontide.Error?
local function host(connection)
  return function()
    local engine, err = connection()
    if not engine then return nil, err end
    return engine:host()
  end
end

return {ping = {}, version = {}, info = {}, host = host}
