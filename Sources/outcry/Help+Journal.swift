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
        """
}
