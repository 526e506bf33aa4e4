extension Help {
    /// What to say about a command that makes a call; nil for one that there is not.
    static func call(_ command: String) -> String? {
        switch command {
        case "ticker": ticker
        case "depth": depth
        case "trades": trades
        case "lag": lag
        case "info": info
        case "wallet": wallet
        case "orders": orders
        case "buy", "sell": order(command)
        case "cancel": cancel
        default: nil
        }
    }

    private static let common = """
          --url URL         http:// or https:// and a host; http://127.0.0.1:8080 if not said
          --json            one line of JSON in the place of a table. Prices and amounts are strings with
                            all decimals, names and numbers of orders and trades are strings, times are
                            microseconds since 1970; what is not known is null
          --timeout N       gives up after N seconds (30)
          --ca FILE         trusts these authorities (PEM) alone, by TLS; the system's if not said
        """

    private static let key = """
          --key-file FILE   the API key: two lines, key = ... and secret = ..., mode 600; outcry sandbox
                            --key-file writes such a one. If not said, it is taken from the environment,
                            OUTCRY_MTGOX_KEY and OUTCRY_MTGOX_SECRET
          --account NAME    from OUTCRY_MTGOX_NAME_KEY and OUTCRY_MTGOX_NAME_SECRET
        """

    private static let codes = """
        Exit codes: 0 done, 1 the exchange refused it, 2 wrong words or no key, 3 no answer: what has become
        of the call is not known, or it could not be sent (the error says which).
        """

    private static let ticker = """
        usage: outcry ticker [options]

        Prices and volume of a market; an exchange keeps its answer for some seconds.

          --pair PAIR       BTCUSD if not said
        \(common)

        JSON: {"pair","last","bid","ask","high","low","average","vwap","volume","time"}
        \(codes)
        """

    private static let depth = """
        usage: outcry depth [options]

        The best levels of a market's book, within 10 % of the last price.

          --pair PAIR       BTCUSD if not said
          --levels N        so many of each side (10; with --json all)
          --full            of the whole book; more than five an hour and Mt. Gox bans the address
        \(common)

        JSON: {"pair","full","time","bids":[[price, amount], ...],"asks":[...]}, the best first
        \(codes)
        """

    private static let trades = """
        usage: outcry trades [options]

        The trades of a market, the oldest first: at most 1,000, or those of the last 24 hours.

          --pair PAIR       BTCUSD if not said
          --since TRADE     those after this one, from it on
          --last N          the last N of these (20; with --json all)
        \(common)

        JSON: [{"trade","time","side","amount","price"}, ...]
        \(codes)
        """

    private static let lag = """
        usage: outcry lag [options]

        How far the exchange's engine is behind: the age of the oldest order that waits.

        \(common)

        JSON: {"lag","queue"}, the lag in microseconds
        \(codes)
        """

    private static let info = """
        usage: outcry info [options]

        The account of an API key: its name, the key's rights, the fee.

        \(key)
        \(common)

        JSON: {"login","number","id","link","key","rights":[...],"fee_percent","monthly_volume",
        "volume_currency","created","last_login"}
        \(codes)
        """

    private static let wallet = """
        usage: outcry wallet [options]
               outcry wallet CURRENCY [--page N] [options]

        What the account has, or the history of one currency, the newest first.

        \(key)
        \(common)

        JSON: [{"currency","balance","open_orders","may_withdraw"}, ...], or {"currency","page","last_page",
        "records","entries":[{"time","type","amount","balance","info","order","trade"}, ...]}
        \(codes)
        """

    private static let orders = """
        usage: outcry orders [options]

        The account's open orders in all markets.

        \(key)
        \(common)

        JSON: [{"order","pair","side","amount","price","status","paid_for","not_paid_for","time"}, ...];
        the price of an order at any price is null
        \(codes)
        """

    private static func order(_ side: String) -> String {
        """
        usage: outcry \(side) AMOUNT PRICE [options]
               outcry \(side) AMOUNT market [options]

        Places an order, such as outcry \(side) 1.5 14.43, and ends when the exchange has taken it; it is
        open, or traded, a moment later. What will be done is shown first, and waits for a yes.

          --pair PAIR       BTCUSD if not said
          --yes             asks nothing; where no terminal is there to ask, nothing is sent without it
        \(key)
        \(common)

        JSON: {"order","pair","side","amount","price"}
        \(codes)
        4: not confirmed; nothing was sent. An order goes out once: after 3 look for it before you send it
        again.
        """
    }

    private static let cancel = """
        usage: outcry cancel ORDER [ORDER ...] [options]
               outcry cancel --all [options]

        Takes orders back, and ends when the exchange has taken that: one may still trade before it goes.

        \(key)
        \(common)

        JSON: ["ORDER", ...], those that the exchange cancels
        \(codes)
        The code is the highest of all orders'.
        """
}
