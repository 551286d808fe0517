local D = {}
function D.callback_url(w) return w.env.DISCOVERY_CALLBACK end
function D.notify(n) return true end
return D
