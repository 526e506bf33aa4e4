import OutcrySandbox

/// What `--help` says.
enum Help {
    static let version = "0.1.0"

    /// The commands, in the order in which the overview lists them.
    static let commands =
        [
            "demo", "sandbox", "safetynet", "watch", "simulate", "inspect", "record", "replay",
            "paper", "explain", "trace", "new",
        ]
        + CallCommand.names

    /// What to say about a command; nil for one that there is not.
    static func text(_ command: String) -> String? {
        switch command {
        case "demo": demo
        case "sandbox": sandbox
        case "safetynet": safetynet
        case "watch": watch
        case "simulate": simulate
        case "inspect": inspect
        case "record": record
        case "replay": replay
        case "paper": paper
        case "explain": explain
        case "trace": trace
        case "new": new
        case "faults": faults
        case "help", "": overview
        default: call(command)
        }
    }

    /// Where somebody finds the words who did not know them.
    static func hint(_ words: [String]) -> String {
        let command = words.dropFirst().first { !$0.hasPrefix("-") } ?? ""
        return commands.contains(command) ? "outcry \(command) --help" : "outcry --help"
    }

    private static let overview = """
        outcry: an event-driven framework for streaming exchange APIs, at work

        usage: outcry COMMAND [options]

          demo       an exchange that plays a recorded market, and a bot that keeps its book
          sandbox    the exchange alone, for your own clients
          safetynet  one connection to a venue for a room full of clients: cache, history, protection
          watch URL  what a venue sends: trades, the best prices, the state of the link;
                     records it, and plays such a file
          simulate   exchange and bot in virtual time, by thousands of seeds where wanted
          inspect PID  what a running program does: sessions, queues, alarms, books, slow handlers
          record     runs a program of yours and writes all that comes in into a journal
          replay     runs it again by such a journal: the same events, or the first that differs;
                     or runs a bot on a recorded market, with simulated fills
          paper      runs a bot on the live market with simulated fills: no order leaves the machine
          explain ORDER  why an order was placed, back to the bytes, and what became of it
          trace      a journal as a picture for Perfetto: a track a session, an arrow from cause to effect
          new NAME   a package of your own with a first bot

        Calls to a Mt. Gox, a sandbox on this machine if nothing else is said; --json for programs:

          ticker     prices and volume of a market
          depth      the best levels of its book, or all
          trades     who traded there
          lag        how far the exchange's engine is behind
          info       the account: name, rights, fee
          wallet     what the account has, or the history of a currency
          orders     the account's open orders
          buy        AMOUNT PRICE: places an order, once you have said yes
          sell       the other way
          cancel     ORDER: takes orders back

        wallet, orders, buy, sell and cancel also of MidChains: --venue midchains [--url ws://...], for the user
        of OUTCRY_MIDCHAINS_USER and OUTCRY_MIDCHAINS_PASSWORD.

        outcry COMMAND --help tells more. Exit codes: 0 done, 1 failed, 2 wrong words; of calls also 3 no
        answer, 4 not confirmed.
        """

    private static let market = """
          --market NAME     2011-06-06 (recorded trades, the default) or 2012-02 (recorded book,
                            made-up crowd)
          --speed N         market seconds a second, from 1
          --seed N          decides all that is made up
          --fault NAME=VALUE
                            goes wrong on purpose, as often as this is said; outcry help faults
                            lists the names
        """

    /// Every fault with its unit.
    private static let faults =
        """
        What a sandbox does wrong on purpose, by --fault NAME=VALUE of demo, sandbox and simulate, and by
        outcry sandbox faults NAME=VALUE while one runs. VALUE is off, or: on; N (of a thousand, drawn
        from the seed; on means all); a time such as 250ms, 90s, 5m or 2h; bytes a second.


        """
        + SandboxFault.allCases.map { fault in
            let name = fault.rawValue + String(repeating: " ", count: 18 - fault.rawValue.count)
            return "  \(name)\(fault.short)  \(fault.help)"
        }.joined(separator: "\n")

    private static let demo = """
        usage: outcry demo [options]

        Starts a sandbox exchange on a free port of this machine and a bot that connects to it over
        real sockets, draws the book it keeps, and compares it with the exchange's at the end.

          --seconds N       how long, from 1 to 86400 (10 if not said, and with --plain)
          --plain           lines instead of a picture
          --restart-at N    the exchange drops everybody after N seconds and is back a second later
          --carrier NAME    what the bot connects by: socketio (the default) or websocket
          --drop-last-depth the exchange keeps its last depth message to itself: the bot's book is
                            wrong then, and the demo says so and exits with 1
        \(market)
        """

    private static let sandbox = """
        usage: outcry sandbox [options]
               outcry sandbox COMMAND [...]     asks a running one: see below

        An exchange that speaks Mt. Gox: its stream over Socket.IO 0.9 and a plain WebSocket, both at
        /mtgox, and its HTTP API, until ^C. All of it is at each port; where a client asks for
        one of the venue's hosts (data.mtgox.com ...) it gets what the venue had there. A new one opens
        an account and prints its key and secret, once.

          --port N          8080 if not said; 0 takes a free one
          --tls [DIR]       by TLS too, with certificates for the venue's hosts from an authority of its
                            own, which are kept in DIR (a new temporary folder if not said) and taken
                            again at the next start
          --tls-port N      where that is, 8443 if not said
          --midchains-port N   speaks MidChains too, to whom comes there: the same market in the form of
                            its book order by order, the same accounts. Who may log in: the user that
                            OUTCRY_MIDCHAINS_USER and OUTCRY_MIDCHAINS_PASSWORD name, or trader with a
                            password that is made up and shown once. BCHUSD is another name of BTCUSD there
          --midchains-tls-port N   the same by TLS, with the certificates of --tls
          --loop            begins again when the recording is over
          --data DIR        keeps everything in DIR (made for you alone) and goes on where it ended, with
                            the same --market and --seed: accounts, money, orders, the market. What was
                            acknowledged survives this program's end, also by kill -9. A start replays all
                            that was kept: a million orders and cancels in 3 s
          --durable         and survives the machine's end: one fsync for each batch (SQLite's
                            synchronous=FULL in the place of NORMAL)
          --account NAME    the account that is opened (trader), with 1000 BTC and money to trade
          --no-account      none is
          --key-file FILE   its key is written to FILE, which is made for you alone, and not shown: for the
                            commands that make calls (outcry info --key-file FILE)
          --admin PORT      where its owner's commands reach it, a free port if not said; --no-admin: they
                            do not. On this machine, with a token that is kept for you alone in DIR/admin
                            and $XDG_RUNTIME_DIR/outcry (/tmp/outcry-UID)
          --fulldepth N     full books an address may fetch in an hour (5 if not said, as the venue)
          --orders-per N/SECONDS   orders an account may place; more are told to wait
          --requests N/SECONDS     HTTP calls an address may make; more get 429
          --cache SECONDS   public replies of HTTP stay as they were for so long
          --venue-limits    all of these as the venue had them: 5 full books an hour, 5/6, 40/20, 10 s (30 s
                            the ticker)
          --compression     permessage-deflate for WebSockets that offer it, which the venue's had not;
                            a message is compressed once for all of them
          --no-reasons      the end of an order is told without its reason, as in 2012: PyAlgoTrade
                            knows a cancelled order by that
          --ping N          a ping to WebSockets that are silent for N seconds (60 if not said)
        \(market)

        Commands for the owner of a running one; it is found by itself, or named by --port N, --data DIR, or
        --admin ADDRESS --token T. One line each, or the reply as JSON with --json.

          status            market, counters, and a hash of the exchange's state; hash: that alone
          accounts          who there is, with money, orders and keys; never a secret
          account NAME [AMOUNT CURRENCY ...] [--empty] [--rights R,R]
                            opens an account and prints its key and secret, or writes them to
                            --key-file FILE
          key NAME [--rights get_info,trade,deposit,withdraw,merchant]
                            another key, so too; revoke KEY takes one away
          fund NAME AMOUNT CURRENCY [--info TEXT]      withdraw NAME AMOUNT CURRENCY
          faults [NAME=VALUE ...]                      what goes wrong on purpose: shows and sets
          snapshot FILE     a copy of the journal beside it, which another --data can begin with
          restart [--seconds N]                        drops everybody, and is back; disconnect: drops
        """

    private static let watch = """
        usage: outcry watch URL [options]
               outcry watch midchains SECURITY [--url URL] [options]
               outcry watch FILE [options]

        Connects to a venue's stream (ws://HOST:PORT/mtgox or socketio+http://HOST:PORT/mtgox; by TLS
        wss:// or socketio+https://), keeps the book, and prints trades, the best prices and the state
        of the link. Reconnects by itself. ^C ends it. Of MidChains it watches a security such as BCHUSD,
        at ws://127.0.0.1:8081 (outcry sandbox --midchains-port 8081) if --url says no other.

          --seconds N       ends by itself
          --currency CODE   USD if not said, or what the recording is of
          --ca FILE         trusts these authorities (PEM) alone, by TLS; the system's if not said
          --record FILE     writes every frame, in and out, with its time (JSON Lines)

        A FILE that was recorded so is played through the same parser and book, at once; outcry replay
        --market FILE has a bot trade on it.

          --speed N         so many times as fast as it was recorded
        """

    private static let new = """
        usage: outcry new NAME [--outcry PATH]

        Writes the folder NAME with a package that holds a first bot and depends on the outcry
        package at PATH (found from this program's own place if not said). Then:

          cd NAME && swift run
        """
}

extension SandboxFault {
    /// Its unit, of one width.
    fileprivate var short: String {
        switch unit {
        case .flag: "on  "
        case .perMille: "N   "
        case .time: "TIME"
        case .bytes: "B/s "
        }
    }
}
