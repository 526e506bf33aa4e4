// What `--help` says about journals.

extension Help {
    static let record = """
        usage: outcry record [--out FILE] [--key FILE] -- PROGRAM [its words]

        Becomes PROGRAM, a bot or another program whose kernel runs on a Reactor, and has it write all that
        it learns of the world into a journal: bytes, times, outcomes, random words; and each event that it
        dispatched. Whatever ends it, kill -9 too, the journal is good up to the last turn.

          --out FILE        a new file; PROGRAM-TIME.journal here if not said. The next 256 MiB go
                            into FILE.1, FILE.2 ...
          --key FILE        encrypts it (AES-256) by a key of 16 bytes or more in FILE, which is closed to
                            others: head -c 32 /dev/urandom > FILE; chmod 600 FILE

        The journal is for your eyes only (mode 600), and without --key in clear: what comes by TLS is in it, so are files that
        the program reads by its kernel. What it reads otherwise, such as keys in the environment, is not:
        replay needs it again.
        """

    static let replay = """
        usage: outcry replay FILE [options] -- PROGRAM [its words]
               outcry replay --market FILE [...] -- BOT [its words]      see below

        Becomes PROGRAM, which does by the journal what it did when it was recorded: no socket is opened, no
        file touched, no clock read. Each event, each question to the driver and each byte written is
        compared; at the first that differs it ends and shows both sides.

          --until SECONDS   ends there
          --speed N         so many times as fast as it was recorded; as fast as it goes if not said
          --step            turn by turn: a line feed goes on, q ends
          --key FILE        what it was encrypted with
          --any-bytes       what is written is compared by its length alone: for a replay without
                            the keys, which signs otherwise

        Exit codes: PROGRAM's own where all was the same; 0 where the journal ends before it; 4 where
        something differs or the journal cannot be read.

        With --market FILE it becomes BOT, which trades on the market of a recording (outcry watch URL --record
        FILE) in virtual time: no socket is opened and no file written, its links play the recording whatever
        their URL, and its orders are simulated. At the end of the recording it is interrupted as by ^C, and a
        report says what its account has done. The same file, seed and bot make the same report.

          --market FILE     once more for each further venue of BOT
          --speed N         so many times as fast as it was recorded, or max (if not said)
        \(simulated)
        """

    static let paper = """
        usage: outcry paper [options] -- BOT [its words]

        Becomes BOT, whose links listen to the live markets and whose orders are simulated on them: no key is
        used, and no order leaves the machine by a link. At its end a report says what its account has done.

        \(simulated)

        Without this program: OUTCRY_PAPER=on BOT; or AccountOptions.paper in BOT itself.
        """

    private static let simulated = """
          --balance 'BTC=10 USD=1000'
                            what the account has at the beginning (these if not said)
          --queue NAME      where an order rests: back (behind all at its price; what is cancelled goes
                            from behind it first; if not said), pro-rata (what is cancelled goes evenly),
                            touch (before all: the first trade at its price is its own)
          --latency MS      each way; or ENTRY,CANCEL,NEWS[,TAIL] in ms, where TAIL is the mean of what
                            comes on top by chance (50,50,50,10 if not said)
          --fee PERCENT     of what is received (the venue's if not said)
          --seed N          decides what is left to chance
          --json            the report is one line of JSON, with exact decimals as strings
          --report FILE     appends the report to FILE instead of printing it
        """

    static let explain = """
        usage: outcry explain ORDER [--journal FILE] [--key FILE] -- PROGRAM [its words]

        Becomes PROGRAM, which does by the journal what it did when it was recorded, and then says why it placed
        ORDER: from the bytes that came, over each event that the one before caused, to the order; and what
        became of it. Each line has the time since the program's start, since the line before, and since the
        bytes. ORDER is the program's own name for it or the venue's.

          --journal FILE    the newest PROGRAM-TIME.journal here if not said
          --key FILE        what it was encrypted with

        What the program prints is left out; what is written is compared by its length alone. Secrets are not
        shown. Exit codes: 0 explained, 1 no such order (the known ones are named) or no such journal.
        """

    static let trace = """
        usage: outcry trace FILE --out FILE.json [--key FILE] -- PROGRAM [its words]

        Becomes PROGRAM, which does by the journal FILE what it did when it was recorded, and writes that into a
        new file in the Trace Event Format, which ui.perfetto.dev and chrome://tracing read: a track a session,
        a slice an event with its payload where that is known, an arrow from each cause to its effect. Slices are
        as long as their handlers took in the replay.
        """
}
