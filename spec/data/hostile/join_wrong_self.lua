-- verdict: 4 moontide.task expected
mt.spawn(print).join({})
