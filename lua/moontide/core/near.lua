--- Which word was meant.

local MAX_WORD = 64 -- longer words are near to nothing, and the distance is quadratic

-- Damerau-Levenshtein distance (adjacent letters may be swapped), of strings of bytes.
local function distance(a, b)
  local before, last
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    before, last, row = last, row, {[0] = i}
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      row[j] = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same and 0 or 1))
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], before[j - 2] + 1)
      end
    end
  end
  return row[#b]
end

--- The word of the list that was probably meant; letter case does not count, the first of equals wins.
---@param word any
---@param list string[]
---@return string? nil: nothing is near enough (a third of the letters may differ, at least one)
local function nearest(word, list)
  if type(word) ~= "string" or word == "" or #word > MAX_WORD then return nil end
  local best, best_distance
  for _, candidate in ipairs(list) do
    local d = distance(word:lower(), candidate:lower())
    local allowed = math.max(1, math.max(#word, #candidate) // 3)
    if d <= allowed and d < #candidate and (not best or d < best_distance) then
      best, best_distance = candidate, d
    end
  end
  return best
end

--- The end of a message about an unknown word: ` (did you mean "image"?)` or the list of all.
---@param word any
---@param list string[]
---@return string
local function hint(word, list)
  local near = nearest(word, list)
  if near then return (' (did you mean "%s"?)'):format(near) end
  return #list > 0 and ("; valid: %s"):format(table.concat(list, ", ")) or "; there are none"
end

return {nearest = nearest, hint = hint}
