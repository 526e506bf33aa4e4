// What `--help` says about looking at running programs.

extension Help {
    static let inspect = """
        usage: outcry inspect [PID [--watch | --json]]

        Shows what a running program on an Outcry reactor does: what its sessions say of themselves (books,
        connections, orders), the tree of sessions with their queues and what keeps them alive, alarms, the times
        that handlers take, failures. Without PID it lists the programs of yours that can be looked at.

          --watch           draws it anew each second; q or ^C ends
          --json            one document a kernel, as the program gives it: times in microseconds of its own
                            clock (_us), durations of events in nanoseconds (_ns)

        It changes nothing: the program has a socket that gives this one document to its own user, and reads
        nothing. In the environment of the program OUTCRY_INSPECT=0 leaves the socket out, and OUTCRY_MEASURE=1
        has each event timed (a reading of the clock an event).

        Exit codes: 0 done, 1 no such process or another user's, 2 wrong words, 3 not a program that can be
        looked at, or one whose loop is held up.
        """
}
