--- What `doctor` makes of the facts: pure. Each check is {check, status, text, mend}: status "ok", "warn"
--- or "fail"; mend: what to do about it, nil when nothing has to be done.

local units = require "moontide.core.units"

local CLOCK_DIFFERENCE = 2                    -- seconds
local DISK_LOW, DISK_FULL = 0.1, 0.01         -- of all of it
local ROOM_LOW, ROOM_FULL = 5 << 30, 200 << 20 -- bytes; a big disk may well be filled by more than 90 %

-- Storage drivers that engines still have and nobody should use.
local POOR_STORAGE = {
  vfs = "copies every layer: slow, and large", aufs = "is deprecated", devicemapper = "is deprecated",
  overlay = "is deprecated",
}

-- Flags of /info that are false where the kernel keeps no such limit.
local LIMITS = {
  {"MemoryLimit", "memory", "boot the kernel with cgroup_enable=memory"},
  {"CpuCfsQuota", "CPU time", "use a kernel with CONFIG_CFS_BANDWIDTH, or delegate the cpu controller"},
  {"PidsLimit", "processes", "use a kernel with CONFIG_CGROUP_PIDS, or delegate the pids controller"},
}

local function check(name, status, text, mend)
  return {check = name, status = status, text = text, mend = mend}
end

local SOURCES = {host = "-H", probe = "trying the usual sockets"}

local function chosen(facts)
  local source = SOURCES[facts.source] or facts.source
  return check("engine", "ok", ("%s (chosen by %s)"):format(facts.host, source))
end

local function may_not(rights)
  local mend = ("sudo usermod -aG %s %s, then log in again"):format(rights.group, rights.user)
  if rights.listed then mend = "log in again, or: newgrp " .. rights.group end
  if rights.group == "root" then
    mend = "run moontide as root, or give the socket to a group: dockerd --group docker"
  end
  return mend
end

--- The rights of the engine's unix socket.
---@param path string
---@param rights table? as moontide.c.process.rights; nil: it could not be looked at
---@param why string?
---@return table check
local function socket(path, rights, why)
  if not rights then
    return check("socket", "fail", ("%s: %s"):format(path, why), why == "Permission denied"
      and "its directory may not be entered: be root, or the user whose engine it is"
      or "start the engine (systemctl start docker), or say where it is with -H or DOCKER_HOST")
  end
  local text = ("%s:%s %s"):format(rights.owner, rights.group, rights.mode)
  if not rights.socket then
    return check("socket", "fail", path .. " is no socket", "say where its socket is, with -H or DOCKER_HOST")
  elseif not rights.usable then
    return check("socket", "fail", ("%s: %s may not use it"):format(text, rights.user), may_not(rights))
  elseif tonumber(rights.mode, 8) & 2 ~= 0 then
    return check("socket", "warn", text .. ": anybody on this machine may use it, and so be root",
      "chmod 0660 " .. path)
  end
  return check("socket", "ok", ("%s, %s may use it"):format(text, rights.user))
end

-- The oldest that is tested: {major, minor}.
local OLDEST = {["Docker Engine"] = {20, 10}, Podman = {4, 0}}

local function engine_version(facts)
  local name = facts.podman and "Podman" or "Docker Engine"
  local number = facts.version.Version or "of unknown version"
  local text = ("%s %s on %s"):format(name, number, facts.info.OperatingSystem or "an unknown system")
  local major, minor = number:match("^(%d+)%.(%d+)")
  local oldest = OLDEST[name]
  if major and tonumber(major) * 1000 + tonumber(minor) < oldest[1] * 1000 + oldest[2] then
    return check("version", "warn", ("%s: older than %d.%d"):format(text, oldest[1], oldest[2]), "upgrade the engine")
  end
  return check("version", "ok", text)
end

local function api(facts)
  local version = facts.version
  return check("api", "ok", ("%s is spoken; the engine knows %s to %s"):format(facts.api,
    version.MinAPIVersion or "?", version.ApiVersion or "?"))
end

local function cgroups(facts, checks)
  local info = facts.info
  local text = ("v%s, driver %s"):format(info.CgroupVersion or "1", info.CgroupDriver or "?")
  if info.CgroupDriver == "none" then
    checks[#checks + 1] = check("cgroups", "warn", text .. ": limits of containers have no effect",
      "rootless engines need cgroup v2 with systemd")
    return
  end
  checks[#checks + 1] = check("cgroups", "ok", text)
  for _, limit in ipairs(LIMITS) do
    if info[limit[1]] == false then
      checks[#checks + 1] = check("cgroups", "warn", ("limits of %s have no effect"):format(limit[2]), limit[3])
    end
  end
end

local function storage(facts)
  local info, backing = facts.info, nil
  for _, pair in ipairs(info.DriverStatus or {}) do
    if pair[1] == "Backing Filesystem" then backing = pair[2] end
  end
  local text = (info.Driver or "?") .. (backing and " on " .. backing or "")
  local poor = POOR_STORAGE[info.Driver]
  if poor then
    return check("storage", "warn", ("%s: %s %s"):format(text, info.Driver, poor),
      'set "storage-driver": "overlay2" in daemon.json')
  end
  return check("storage", "ok", text)
end

local function disk(facts)
  local free, all, root = facts.disk_free, facts.disk_all, facts.info.DockerRootDir
  if not free or all == 0 then return nil end
  local text = ("%s free of %s at %s"):format(units.bytes_text(free), units.bytes_text(all), root)
  local mend = 'remove what nothing uses: moontide eval \'mt.docker.prune("images", {all = true})\''
  if free < ROOM_FULL or free < all * DISK_FULL then return check("disk", "fail", text, mend) end
  if free < ROOM_LOW and free < all * DISK_LOW then return check("disk", "warn", text, mend) end
  return check("disk", "ok", text)
end

local function clock(facts)
  local ahead = facts.clock_ahead
  if not ahead then return nil end
  local amount = math.abs(ahead)
  if amount <= CLOCK_DIFFERENCE then
    return check("clock", "ok", ("differs from ours by less than %d s"):format(CLOCK_DIFFERENCE))
  end
  return check("clock", "warn", ("the engine's is %s %s"):format(units.duration_text(amount),
    ahead > 0 and "ahead of ours" or "behind ours"),
    "set both right (timedatectl set-ntp true): times of logs and events are the engine's")
end

local function live_restore(facts)
  if facts.podman or facts.info.LiveRestoreEnabled == nil then return nil end
  return check("restarts", "ok", facts.info.LiveRestoreEnabled and "live-restore: containers outlive the engine"
    or "no live-restore: when the engine restarts, so do containers")
end

--- All that can be said of an engine that answers.
---@param facts table {host, source, podman, api, version, info, disk_free, disk_all, clock_ahead}
---@return table[] checks
local function of_engine(facts)
  local checks = {engine_version(facts), api(facts)}
  cgroups(facts, checks)
  for _, make in ipairs {storage, disk, clock, live_restore} do checks[#checks + 1] = make(facts) end
  for _, warning in ipairs(facts.info.Warnings or {}) do
    checks[#checks + 1] = check("warning", "warn", (warning:gsub("^WARNING: ", "")), "see the engine's documentation")
  end
  return checks
end

return {check = check, chosen = chosen, socket = socket, of_engine = of_engine}
