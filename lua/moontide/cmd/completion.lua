--- moontide completion SHELL: what makes a shell complete moontide's words. The shells ask the program
--- itself what may come next (`completion words WORD...`), so that they know what it knows.

local declaration = require "moontide.cmd.declaration"
local docker = require "moontide.docker"
local plain = require "moontide.cmd.plain"

local SCRIPTS = {}

SCRIPTS.bash = [=[
# moontide's completion for bash: put into ~/.bashrc: eval "$(moontide completion bash)"
_moontide() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
    :files) compopt -o filenames; while IFS= read -r line; do COMPREPLY+=("$line"); done \
      < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}") ;;
    *) COMPREPLY+=("${line%%$'\t'*}") ;;
    esac
  done < <(command moontide completion words "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _moontide moontide
]=]

SCRIPTS.zsh = [=[
#compdef moontide
# moontide's completion for zsh: put into ~/.zshrc, after compinit: eval "$(moontide completion zsh)"
_moontide() {
  local line word
  local -a found
  for line in ${(f)"$(command moontide completion words "${(@)words[2,CURRENT]}" 2>/dev/null)"}; do
    if [[ $line == :files ]]; then
      _files
    else
      word=${line%%$'\t'*}
      found+=("${word//:/\\:}:${line#*$'\t'}")
    fi
  done
  (( $#found )) && _describe moontide found
}
compdef _moontide moontide
]=]

SCRIPTS.fish = [=[
# moontide's completion for fish: put into ~/.config/fish/config.fish: moontide completion fish | source
function __moontide
  set -l tokens (commandline -opc) (commandline -ct)
  for line in (command moontide completion words $tokens[2..-1] 2>/dev/null)
    if test "$line" = :files
      __fish_complete_path (commandline -ct)
    else
      printf '%s\n' $line
    end
  end
end
complete -c moontide -f -a '(__moontide)'
]=]

local function declare(parser)
  parser:argument("shell", "bash, zsh or fish."):choices {"bash", "zsh", "fish", "words"}
end

-- What an argument stands for, by its name in the declaration of a command.
local KINDS = {}

local function offer(found, word, description)
  found[#found + 1] = ("%s\t%s"):format(word, (description or ""):gsub("%c", " "))
end

-- An engine that does not answer has nothing to offer.
function KINDS.container(found)
  for _, container in ipairs(docker.list {all = true} or {}) do
    offer(found, container.name, ("%s, %s"):format(container.image, container.status))
  end
end

function KINDS.image(found)
  for _, image in ipairs(docker.images() or {}) do
    for _, tag in ipairs(image.RepoTags or {}) do
      if not tag:find("<none>", 1, true) then offer(found, tag, "image") end
    end
  end
end

function KINDS.target(found)
  KINDS.container(found)
  KINDS.image(found)
end

function KINDS.file(found) found[#found + 1] = ":files" end

KINDS.state, KINDS.env_file = KINDS.file, KINDS.file

local function offer_options(found, recorded)
  for _, item in ipairs(recorded.order) do
    for name in item.names:gmatch("%S+") do offer(found, name, item.description) end
  end
end

-- What an option's value or an argument may be.
local function offer_values(found, item)
  for _, word in ipairs(item.words or {}) do offer(found, word, item.description) end
  if KINDS[item.key] then KINDS[item.key](found) end
end

-- The last argument may be a list.
local function offer_argument(found, recorded, given)
  local last = recorded.arguments[#recorded.arguments]
  local item = recorded.arguments[given + 1] or last and last.many and last
  if item then offer_values(found, item) end
end

local function front_options(parser)
  for _, row in ipairs(declaration.options) do
    if row[2] then parser:option(row[1], row[3]):choices(row.choices or {}) else parser:flag(row[1], row[3]) end
  end
end

-- The option whose value the last word is; or nil and how many arguments came before it. `bare`: options
-- that take no other word.
local function place(recorded, words, first, bare)
  local given, i = 0, first
  while i < #words do
    local item = recorded.options[words[i]]
    if item and item.value and not (bare and bare[words[i]]) then
      if i + 1 == #words then return item, given end
      if item.key == "host" then docker.use(words[i + 1]) end
      i = i + 1
    elseif words[i]:sub(1, 1) ~= "-" then
      given = given + 1
    end
    i = i + 1
  end
  return nil, given
end

local function command_at(words)
  local i = 1
  while i < #words do
    if words[i]:sub(1, 1) ~= "-" then return i end
    i = i + (declaration.takes_value(words[i]) and 2 or 1)
  end
  return nil
end

local function is_command(word)
  for _, name in ipairs(declaration.commands()) do
    if name == word then return true end
  end
  return false
end

-- For one command: its options and arguments.
local function of_command(found, words, at)
  if not is_command(words[at]) then return KINDS.file(found) end
  local command = require("moontide.cmd." .. words[at])
  local recorded = plain.record(require("moontide.cmd.options").declarer(command))
  place(recorded, {table.unpack(words, 1, at)}, 1)
  local option, given = place(recorded, words, at + 1, command.bare)
  if option then
    offer_values(found, option)
  elseif words[#words]:sub(1, 1) == "-" and not (command.script and given > 0) then
    offer_options(found, recorded)
  elseif command.script and given > 0 then
    KINDS.file(found)
  else
    offer_argument(found, recorded, given)
  end
end

-- Every word that may stand where the last one does.
local function candidates(words)
  local found, at = {}, command_at(words)
  if at then
    of_command(found, words, at)
    return found
  end
  local recorded = plain.record(front_options)
  local option = place(recorded, words, 1)
  if option then
    offer_values(found, option)
  elseif words[#words]:sub(1, 1) == "-" then
    offer_options(found, recorded)
  else
    for _, row in ipairs(declaration.rows) do offer(found, row[1], row[2]) end
    if words[#words]:find("[/.]") then KINDS.file(found) end
  end
  return found
end

local function run(options)
  if options.shell ~= "words" then
    io.write(SCRIPTS[options.shell])
    return 0
  end
  local words = options.rest
  local last = words[#words] or ""
  if #words == 0 then words = {""} end
  for _, line in ipairs(candidates(words)) do
    if line == ":files" or line:sub(1, #last) == last then print(line) end
  end
  return 0
end

return {
  name = "completion", script = true, declare = declare, run = run,
  description = "Prints what makes a shell complete moontide's words; see its first line for how to use it.",
}
