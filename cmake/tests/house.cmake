# the whole service
e2e_test(demos)
e2e_test(doors)
e2e_test(kill)
bench(load ON Threads::Threads)
