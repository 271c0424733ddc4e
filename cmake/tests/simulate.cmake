# invented pilots
unit_test(simulate ON simulate event)
e2e_test(simulate)
