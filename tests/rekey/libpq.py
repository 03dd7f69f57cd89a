"""PostgreSQL for the tests through libpq itself (ctypes), so that they need no driver that tfseal does not need."""

import ctypes
import ctypes.util

CONNECTION_OK, COMMAND_OK, TUPLES_OK = 0, 1, 2


def library():
    """The loaded library, or None where there is none."""
    name = ctypes.util.find_library("pq")
    if not name:
        return None
    pq = ctypes.CDLL(name)
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    for function, result, arguments in [
            ("PQconnectdb", pointer, [text]), ("PQstatus", ctypes.c_int, [pointer]), ("PQfinish", None, [pointer]),
            ("PQerrorMessage", text, [pointer]), ("PQresultStatus", ctypes.c_int, [pointer]), ("PQclear", None, [pointer]),
            ("PQresultErrorField", text, [pointer, ctypes.c_int]), ("PQntuples", ctypes.c_int, [pointer]),
            ("PQnfields", ctypes.c_int, [pointer]), ("PQcmdTuples", text, [pointer]),
            ("PQgetisnull", ctypes.c_int, [pointer, ctypes.c_int, ctypes.c_int]),
            ("PQgetvalue", pointer, [pointer, ctypes.c_int, ctypes.c_int]),
            ("PQgetlength", ctypes.c_int, [pointer, ctypes.c_int, ctypes.c_int]),
            ("PQftype", ctypes.c_uint, [pointer, ctypes.c_int]),
            ("PQexecParams", pointer, [pointer, text, ctypes.c_int, pointer, pointer, pointer, pointer, ctypes.c_int])]:
        declared = getattr(pq, function)
        declared.restype, declared.argtypes = result, arguments
    return pq


PQ = library()


class Refused(Exception):
    """The server refused a statement."""

    def __init__(self, sqlstate, message):
        super().__init__(f"{sqlstate}: {message}")
        self.sqlstate = sqlstate


class Lost(Exception):
    """The connection is gone; what it was about to do is unknown."""


class Session:
    """One connection; autocommit unless BEGIN is run. Bytes are bytea, None is NULL, everything else is text."""

    def __init__(self, conninfo):
        self.handle = PQ.PQconnectdb(conninfo.encode())
        if PQ.PQstatus(self.handle) != CONNECTION_OK:
            message = PQ.PQerrorMessage(self.handle).decode(errors="replace")
            self.close()
            raise Lost(message)

    def close(self):
        if self.handle:
            PQ.PQfinish(self.handle)
            self.handle = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def run(self, sql, *parameters):
        """Rows as lists, or for a statement without rows how many it affected."""
        count = len(parameters)
        values, lengths, formats = (ctypes.c_char_p * count)(), (ctypes.c_int * count)(), (ctypes.c_int * count)()
        kept = []
        for i, parameter in enumerate(parameters):
            if parameter is None:
                continue
            raw = parameter if isinstance(parameter, bytes) else str(parameter).encode()
            kept.append(ctypes.create_string_buffer(raw, len(raw) + 1))
            values[i] = ctypes.cast(kept[-1], ctypes.c_char_p)
            lengths[i], formats[i] = len(raw), 1 if isinstance(parameter, bytes) else 0
        result = PQ.PQexecParams(self.handle, sql.encode(), count, None, values, lengths, formats, 0)
        try:
            status = PQ.PQresultStatus(result)
            if status == TUPLES_OK:
                return [[self.value(result, i, j) for j in range(PQ.PQnfields(result))] for i in range(PQ.PQntuples(result))]
            if status == COMMAND_OK:
                return int(PQ.PQcmdTuples(result) or 0)
            state = PQ.PQresultErrorField(result, ord("C"))
            message = PQ.PQerrorMessage(self.handle).decode(errors="replace").strip()
            if state is None or state.startswith((b"57P", b"08")) or PQ.PQstatus(self.handle) != CONNECTION_OK:
                raise Lost(message)
            raise Refused(state.decode(), message)
        finally:
            PQ.PQclear(result)

    @staticmethod
    def value(result, row, column):
        if PQ.PQgetisnull(result, row, column):
            return None
        raw = ctypes.string_at(PQ.PQgetvalue(result, row, column), PQ.PQgetlength(result, row, column))
        kind = PQ.PQftype(result, column)
        if kind == 17:
            return bytes.fromhex(raw[2:].decode())
        return int(raw) if kind in (20, 21, 23) else raw.decode()
