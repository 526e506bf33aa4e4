extension Help {
    static let safetynet = """
        usage: outcry safetynet --upstream URL [options]

        One connection to a venue, for a room full of clients: it keeps books, tickers and trades current
        from the stream, and serves them as the venue does: HTTP (versions 0, 1 and 2), a plain
        WebSocket and Socket.IO 0.9 at /mtgox. Any client of Mt. Gox uses it by changing its host.
        Signed calls go through as they are. SAFETYNET.md tells how to run one.

          --upstream URL    the stream, such as wss://websocket.mtgox.com/mtgox; said more than once, the
                            next one is taken when one is not there
          --upstream-token URL=FILE    what the upstream at URL is shown, and nobody else: it is a SafetyNet
                            with tokens. With one upstream FILE is enough
          --ca FILE         who may vouch for the upstreams' certificates, in the place of the system's
          --market BTCUSD   a market that is kept, the first one that of version 0; said more than once
          --port N          8090 if not said; 0 takes a free one
          --data DIR        keeps the trades in DIR (made for you alone); without, only the last day's
          --history WORD    all (the default): back to the venue's first trade; recent: the last day and what
                            comes; a number: so many days

          --bind ADDRESS    127.0.0.1 if not said. Any that others can reach needs a certificate and
                            tokens, or --insecure-bind
          --cert FILE       the certificate chain, and --key FILE its key: by TLS
          --plain-port N    and without TLS at this port too; others can reach it with --insecure-bind only
          --tokens FILE     one a line: clients show one of them, as a bearer or a password, in the field
                            X-SafetyNet-Token, or as ?token=
          --origin ORIGIN   pages of https://example.com may use the password that a browser knows for here
          --insecure-bind   open to whoever reaches the address
          --requests N/SECONDS     HTTP calls and handshakes an address may make; more get 429
          --connections N   connections an address may have

          --stale SECONDS   data older than this (120) are refused; --mark-stale: marked
          --fulldepth N     whole books it may fetch upstream in an hour (5, as the venue allows)
          --failover SECONDS       how long an upstream may be gone before the next one is tried (15)
          --book-within SECONDS    and how long it may be there without its books (120)
          --return SECONDS  after a change the first one is tried again after this time (600)

        SIGHUP reads tokens and certificate anew. SIGTERM and ^C let nobody in any more, answer what was
        asked, say goodbye, write what was heard, and end, after 10 s at the latest; a second one at once.
        /health says whether it lives, /ready whether what it serves is current.
        """
}
