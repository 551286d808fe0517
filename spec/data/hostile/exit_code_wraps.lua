-- verdict: 44
os.exit(300)
