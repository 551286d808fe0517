--- A command line as people type it after `docker run IMAGE`, cut into words; pure.

-- What a shell would do with these between words, the engine does not: there is no shell.
local SHELL_ONLY = "[|&;<>`]"

-- The text of '...' or "..." that begins at `at`, and where it ends. Between double quotes a
-- backslash keeps its meaning before " \ $ ` and at the end of a line only (POSIX shell, 2.2.3).
local function quoted(text, at)
  local quote = text:sub(at, at)
  if quote == "'" then
    local stop = text:find("'", at + 1, true)
    return stop and text:sub(at + 1, stop - 1), stop
  end
  local out, i = {}, at + 1
  while i <= #text do
    local char = text:sub(i, i)
    if char == '"' then return table.concat(out), i end
    if char == "\\" and text:find('^["\\$`\n]', i + 1) then
      i = i + 1
      char = text:sub(i, i)
      if char == "\n" then char = "" end
    end
    out[#out + 1] = char
    i = i + 1
  end
  return nil
end

-- The piece of a word at `at`: what it means and where it ends; nil and why when it has no end.
local function piece(text, at)
  local char = text:sub(at, at)
  if char == "'" or char == '"' then
    local inner, stop = quoted(text, at)
    if inner then return inner, stop end
    return nil, ("the quote %s at byte %d is never closed"):format(char, at)
  elseif char == "\\" then
    if at == #text then return nil, "it ends with a backslash" end
    local next_char = text:sub(at + 1, at + 1)
    return next_char == "\n" and "" or next_char, at + 1
  elseif char:find(SHELL_ONLY) then
    return nil, ('"%s" needs a shell: quote it, or write {"sh", "-c", "..."}'):format(char)
  end
  return char, at
end

--- Splits at blanks; single quotes, double quotes and backslashes as in a shell. Nothing is expanded.
---@param text string
---@return string[]? words
---@return string? why
local function split(text)
  local words, word, at = {}, nil, 1
  while at <= #text do
    if text:find("^[ \t\r\n]", at) then
      words[#words + 1] = word and table.concat(word)
      word = nil
    else
      local meaning, stop = piece(text, at)
      if not meaning then return nil, stop --[[@as string]] end
      word = word or {}
      word[#word + 1] = meaning
      at = stop
    end
    at = at + 1
  end
  words[#words + 1] = word and table.concat(word)
  return words
end

return {split = split}
