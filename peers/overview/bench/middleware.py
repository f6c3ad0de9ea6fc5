"""Says in two headers how many statements a page sent to the database and how long it took."""

import time
from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

QUERIES, SECONDS = "X-Bench-Queries", "X-Bench-Seconds"
TALK = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")  # of a transaction, and no question


class Counting:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        count = 0

        def counted(execute, sql, params, many, context):
            nonlocal count
            count += not sql.startswith(TALK)
            return execute(sql, params, many, context)

        begun = time.perf_counter()
        with connection.execute_wrapper(counted):
            response = self.get_response(request)
        response.headers[QUERIES] = str(count)
        response.headers[SECONDS] = f"{time.perf_counter() - begun:.6f}"
        return response
