--- What the engine says of itself.

return {ping = {}, version = {}, info = {}}
