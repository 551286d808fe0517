-- verdict: 0 moontide: warning: x
warn("@on")
warn("x", "\27[2J")
warn("@no such control")
