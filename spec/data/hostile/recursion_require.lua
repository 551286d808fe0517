-- verdict: 4
package.preload.itself = function()
  package.loaded.itself = nil
  return require "itself"
end
require "itself"
