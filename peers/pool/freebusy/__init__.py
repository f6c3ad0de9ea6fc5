"""Which whole days a calendar file says are busy. Plain data; a process of its own reads the file (`ask`).

The rule: a day is away when it is busy for four hours or more between 9 and 5, UK time.
"""
