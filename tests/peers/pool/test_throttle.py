from peers.pool.throttle import within


def test_the_first_few_are_within_and_each_name_counts_alone():
    assert [within("a", most=2, seconds=3600) for _n in range(4)] == [True, True, False, False]
    assert within("b", most=2, seconds=3600)
