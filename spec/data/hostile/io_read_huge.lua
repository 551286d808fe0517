-- verdict: 4 not enough memory
io.open("/dev/zero"):read(1 << 40)
