-- verdict: 4
for name in pairs(package.loaded) do package.loaded[name] = false end
package.searchers = nil
require "cjson"
