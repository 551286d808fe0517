-- container: what the benchmark creates
return {
  image = "moontide/stubborn", ports = {["80/tcp"] = 0}, resources = {cpu = "100m", memory = "32m"},
  labels = {["moontide.bench"] = "yes"}, restart = "no",
}
